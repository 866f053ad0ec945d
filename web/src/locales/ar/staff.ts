import type { staff as english } from '../en/staff'
import type { Texts } from '../texts'

export const staff: Texts<typeof english> = {
  console: 'لوحة التحكم',
  navigation: 'التنقل في لوحة التحكم',
  overview: 'نظرة عامة',
  work: 'المهام',
  program: 'البرنامج',
  reviews: 'مراجعات الهوية',
  cases: 'القضايا',
  disputes: 'النزاعات',
  approvals: 'الموافقات',
  customers: 'العملاء',
  deniedTitle: 'دورك لا يتيح هذا',
  deniedText: 'اطلب من المسؤول دورًا يتيحه.',
  roles: {
    cardholder: 'حامل بطاقة',
    support: 'الدعم',
    kyc_reviewer: 'مراجع الهوية',
    fraud_analyst: 'محلل الاحتيال',
    finance: 'المالية',
    developer: 'مطور',
    administrator: 'مسؤول',
    auditor: 'مدقق',
  },
  verifications: {
    requested: 'مطلوب',
    collecting: 'بانتظار الشخص',
    submitted: 'تم التقديم',
    in_review: 'قيد المراجعة',
    canceled: 'ملغى',
    expired: 'منتهي',
    rejected: 'مرفوض',
    approved: 'مقبول',
  },
}

import type { staff as english } from '../en/staff'
import type { Texts } from '../texts'

export const staff: Texts<typeof english> = {
  console: 'لوحة التحكم',
  navigation: 'التنقل في لوحة التحكم',
  overview: 'نظرة عامة',
  risk: 'المخاطر',
  money: 'المال',
  oversight: 'الرقابة',
  set: 'البرنامج',
  rules: 'القواعد',
  payments: 'المدفوعات',
  ledger: 'دفتر الأستاذ',
  reconciliation: 'المطابقة',
  audit: 'سجل التدقيق',
  templates: 'القوالب',
  team: 'الفريق',
  health: 'الحالة',
  deniedTitle: 'دورك لا يتيح هذا',
  deniedText: 'اطلب من المسؤول دورًا يتيحه.',
}

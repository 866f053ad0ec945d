import type { common as english } from '../en/common'
import type { Texts } from '../texts'

export const common: Texts<typeof english> = {
  retry: 'حاول مرة أخرى',
  cancel: 'إلغاء',
  save: 'حفظ',
  close: 'إغلاق',
  copy: 'نسخ',
  copied: 'تم النسخ',
  undo: 'تراجع',
  more: 'عرض المزيد',
  all: 'عرض الكل',
  continue: 'متابعة',
  loading: 'جارٍ التحميل',
  reference: 'المرجع {id}',
  failedTitle: 'لم ينجح ذلك',
  deniedTitle: 'هذا ليس لك',
  deniedText: 'إنه يخص شخصًا آخر، أو لم يعد موجودًا.',
  missingTitle: 'لا توجد صفحة كهذه',
  missingText: 'ربما كُتب العنوان خطأً، أو نُقلت الصفحة.',
  goHome: 'إلى الصفحة الرئيسية',
  email: 'البريد الإلكتروني',
  password: 'كلمة المرور',
  emailInvalid: 'أدخل بريدًا إلكترونيًا.',
  required: 'أدخل شيئًا هنا.',
  codeInvalid: 'أدخل الأرقام الستة.',
  channels: { ecommerce: 'عبر الإنترنت', in_person: 'في متجر', wallet: 'بمحفظة الهاتف', atm: 'صراف آلي' },
}

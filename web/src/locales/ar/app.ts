import type { app as english } from '../en/app'
import type { Texts } from '../texts'

export const app: Texts<typeof english> = {
  skip: 'انتقل إلى المحتوى',
  navigation: 'التنقل الرئيسي',
  home: 'الرئيسية',
  cards: 'البطاقات',
  activity: 'الحركات',
  inbox: 'الوارد',
  identity: 'الهوية',
  security: 'الأمان',
  search: 'ابحث أو انتقل إلى',
  searchHint: 'إلى أين؟',
  nothingFound: 'لا شيء بهذا الاسم.',
  account: 'حسابك',
  signOut: 'تسجيل الخروج',
  theme: 'المظهر',
  light: 'فاتح',
  dark: 'داكن',
  auto: 'مثل الجهاز',
  language: 'اللغة',
  newCard: 'بطاقة جديدة',
  topUp: 'إضافة مال',
  back: 'رجوع',
}

import type { profile as english } from '../en/profile'
import type { Texts } from '../texts'

export const profile: Texts<typeof english> = {
  title: 'من أنت؟',
  text: 'كما في وثيقة هويتك. نحتاجه قبل إصدار أي شيء باسمك.',
  name: 'الاسم الكامل',
  birth: 'تاريخ الميلاد',
  phone: 'رقم الجوال',
  line1: 'الشارع والرقم',
  city: 'المدينة',
  postalCode: 'الرمز البريدي',
  country: 'الدولة',
  phoneInvalid: 'ابدأ بعلامة + ورمز الدولة، مثل ‎+971.',
  birthInvalid: 'أدخل يومًا مضى.',
  saved: 'حُفظ ملفك.',
}

import type { stepUp as english } from '../en/step-up'
import type { Texts } from '../texts'

export const stepUp: Texts<typeof english> = {
  title: 'هل هذا أنت؟',
  text: 'يحتاج هذا إلى رمز حديث من تطبيق المصادقة.',
  confirm: 'تأكيد',
  setUpTitle: 'أضف تطبيق مصادقة أولًا',
  setUpText: 'أرقام البطاقات والحدود الأعلى يحميها عامل ثانٍ. إعداده يستغرق دقيقة.',
  setUp: 'إلى الأمان',
  passkey: 'استعمل مفتاح مرور',
}

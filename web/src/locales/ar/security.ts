import type { security as english } from '../en/security'
import type { Texts } from '../texts'

export const security: Texts<typeof english> = {
  title: 'الأمان',
  app: 'تطبيق المصادقة',
  appText: 'رموز من ستة أرقام من تطبيق على هاتفك. تلزم لرؤية أرقام البطاقات ورفع الحدود.',
  appOn: 'مفعّل منذ {day}',
  setUp: 'فعّله',
  scan: 'امسح هذا بتطبيق المصادقة',
  secret: 'أو اكتب هذا',
  qr: 'رمز QR لتطبيق المصادقة',
  enter: 'ثم أدخل الرمز الذي يعرضه',
  recoveryTitle: 'احفظ هذه الرموز في مكان آمن',
  recoveryText: 'كل رمز يدخلك مرة إن ضاع هاتفك. لا تُعرض إلا الآن.',
  kept: 'حفظتها',
  passkeys: 'مفاتيح المرور',
  passkeysText: 'سجّل الدخول ببصمتك أو وجهك أو مفتاح أمان.',
  addPasskey: 'أضف مفتاح مرور',
  passkeyName: 'اسم مفتاح المرور',
  passkeyAdded: 'أُضيف مفتاح المرور.',
  noPasskeys: 'ليس لديك أي منها بعد.',
  lastUsed: 'آخر استخدام {day}',
  signInAgain: 'سجّل الدخول من جديد أولًا: إضافة أول عامل تتطلب دخولًا خلال آخر خمس دقائق.',
}

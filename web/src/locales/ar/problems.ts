import type { problems as english } from '../en/problems'
import type { Texts } from '../texts'

export const problems: Texts<typeof english> = {
  unreachable: 'لا نصل إلى الخادم. تحقق من اتصالك وحاول من جديد.',
  unexpected: 'حدث خطأ لدينا. حاول بعد قليل.',
  credentials_invalid: 'البريد أو كلمة المرور غير صحيح.',
  code_invalid: 'هذا الرمز غير صحيح أو لم يعد صالحًا.',
  password_unacceptable: 'كلمة المرور قصيرة أو معروفة جدًا. اختر غيرها.',
  kyc_required: 'أثبت من أنت أولًا.',
  funds_insufficient: 'لا مال كافٍ لذلك.',
  card_canceled: 'هذه البطاقة ملغاة نهائيًا.',
  factor_required: 'يحتاج هذا إلى مفتاح مرور أو تطبيق مصادقة. أضف أحدهما أولًا.',
  step_up_required: 'أكّد أنك أنت، ثم حاول من جديد.',
  rate_limited: 'حاولت كثيرًا. انتظر قليلًا.',
  validation_failed: 'فيه شيء ليس كما ينبغي.',
  currency_not_supported: 'هذه العملة غير مدعومة.',
  card_locked: 'هذه البطاقة مقفلة. راسلنا.',
  reveal_at_processor: 'يعرض معالج الإصدار هذا الرقم.',
  profile_required: 'املأ ملفك أولًا.',
  profile_incomplete: 'ينقص ملفك شيء نحتاجه أولًا.',
  verification_open: 'هناك تحقق جارٍ بالفعل.',
  passkey_refused: 'لم يُقبل مفتاح المرور هذا.',
  cross_site_refused: 'سأل متصفحك بطريقة لا نقبلها. حمّل الصفحة من جديد.',
}

import type { newCard as english } from '../en/new-card'
import type { Texts } from '../texts'

export const newCard: Texts<typeof english> = {
  title: 'بطاقة جديدة',
  step: 'الخطوة {step} من 3',
  pick: 'لماذا تريدها؟',
  pickText: 'كل نوع يرفض ما ليس له.',
  name: 'سمّها واجعلها لك',
  label: 'اسم البطاقة',
  labelHint: 'لا يراه سواك.',
  colour: 'اللون',
  limit: 'الحد الشهري',
  limitHint: 'اتركه فارغًا لعدم وضع حد.',
  limitInvalid: 'أدخل مبلغًا مثل {example}.',
  create: 'أنشئ البطاقة',
  creating: 'المُصدر يصنع بطاقتك',
  done: 'بطاقتك جاهزة',
  doneText: 'يمكنها الدفع من هذه اللحظة.',
  see: 'اعرض البطاقة',
  verifyFirst: 'أثبت من أنت أولًا',
  verifyFirstText: 'تُصدر البطاقات لمن نعرفهم. يستغرق دقيقتين.',
  kinds: {
    everyday: 'كل يوم',
    everydayText: 'متاجر وطعام وتذاكر: أي شيء.',
    subscription: 'اشتراك',
    subscriptionText: 'تبقى مع أول تاجر يخصم منها.',
    once: 'لمرة واحدة',
    onceText: 'تغلق نفسها بعد شراء واحد.',
  },
  prepared: 'مُعدّة لك',
}

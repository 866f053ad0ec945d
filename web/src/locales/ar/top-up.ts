import type { topUp as english } from '../en/top-up'
import type { Texts } from '../texts'

export const topUp: Texts<typeof english> = {
  title: 'إضافة مال',
  amount: 'المبلغ',
  amountInvalid: 'أدخل مبلغًا مثل {example}.',
  from: 'ادفع بـ',
  visa: 'فيزا تنتهي بـ 4242',
  visaText: 'بطاقة اختبار تدفع فورًا',
  secure: 'فيزا تنتهي بـ 3220',
  secureText: 'بطاقة اختبار يطلب بنكها التأكيد',
  poor: 'فيزا تنتهي بـ 9995',
  poorText: 'بطاقة اختبار بلا مال كافٍ',
  testOnly: 'هذه بطاقات اختبار للعرض. لا يتحرك مال حقيقي.',
  add: 'أضف {amount}',
  confirming: 'أكّد لدى بنكك',
  confirmingText: 'يريد بنكك التأكد أنك أنت. تُفتح صفحته في لسان جديد؛ عُد بعدها.',
  openBank: 'افتح صفحة البنك',
  waiting: 'بنكك يحوّل المال',
  succeeded: '{amount} في رصيدك',
  succeededText: 'يمكنك إنفاقه الآن.',
  failed: 'فشلت الإضافة',
  review: 'ينظر أحدهم في هذه الإضافة',
  reviewText: 'تستغرق أكثر من المعتاد. لا يلزمك شيء.',
  again: 'جرّب بطاقة أخرى',
  seeBalance: 'اعرض رصيدك',
  kept: 'محفوظة لك',
}

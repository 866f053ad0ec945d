import type { cards as english } from '../en/cards'
import type { Texts } from '../texts'

export const cards: Texts<typeof english> = {
  title: 'البطاقات',
  ending: 'بطاقة تنتهي بـ {last4}',
  issuing: 'قيد الإصدار',
  active: 'نشطة',
  frozen: 'مجمّدة',
  canceled: 'ملغاة',
  inactive: 'قيد الإصدار',
  locked: 'أقفلناها نحن',
  open: 'قيد الاستخدام',
  closed: 'مغلقة',
  standard: 'لأي شيء',
  single_use: 'لمرة واحدة',
  limited_use: 'لمرات محدودة',
  exact_amount: 'مبلغ محدد',
  merchant_locked: 'تاجر واحد',
  recurring: 'اشتراك',
  dated: 'لأيام معدودة',
}

import type { activity as english } from '../en/activity'
import type { Texts } from '../texts'

export const activity: Texts<typeof english> = {
  title: 'الحركات',
  search: 'ابحث في التجار والملاحظات',
  status: 'الحالة',
  any: 'أي حالة',
  card: 'البطاقة',
  anyCard: 'أي بطاقة',
  emptyTitle: 'لا دفعات بعد',
  emptyText: 'تظهر هنا لحظة يطلبها تاجر.',
  noMatchTitle: 'لا شيء يطابق',
  noMatchText: 'جرّب كلمات أقل أو حالة أخرى.',
  clear: 'أزل المرشحات',
  export: 'نزّل بصيغة CSV',
  list: 'الدفعات',
  pending: 'معلّقة',
  settled: 'مدفوعة',
  declined: 'مرفوضة',
  voided: 'محرّرة',
  expired: 'منتهية',
}

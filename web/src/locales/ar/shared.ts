import type { shared as english } from '../en/shared'
import type { Texts } from '../texts'

export const shared: Texts<typeof english> = {
  reason: 'السبب، لسجل التدقيق',
  clear: 'مسح عوامل التصفية',
  clearOne: 'مسح {label}',
  emptyTitle: 'لا شيء هنا',
  emptyText: 'لا شيء يطابق، أو لم يحدث شيء بعد.',
  backToList: 'العودة إلى القائمة',
}

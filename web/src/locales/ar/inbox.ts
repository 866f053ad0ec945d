import type { inbox as english } from '../en/inbox'
import type { Texts } from '../texts'

export const inbox: Texts<typeof english> = {
  title: 'الوارد',
  emptyTitle: 'لا شيء هنا بعد',
  emptyText: 'ما نخبرك به بالبريد أو الرسائل أو الإشعارات يُحفظ هنا.',
  unread: 'غير مقروءة',
  readAll: 'علّم الكل كمقروء',
  preferences: 'بماذا أُخبَر',
}

import type { staff as english } from '../en/staff'
import type { Texts } from '../texts'

export const staff: Texts<typeof english> = {
  console: 'لوحة التحكم',
  navigation: 'التنقل في لوحة التحكم',
  overview: 'نظرة عامة',
  deniedTitle: 'دورك لا يتيح هذا',
  deniedText: 'اطلب من المسؤول دورًا يتيحه.',
}

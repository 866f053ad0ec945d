import type { camera as english } from '../en/camera'
import type { Texts } from '../texts'

export const camera: Texts<typeof english> = {
  view: 'ما تراه الكاميرا',
  take: 'التقط الصورة',
  failed: 'لا يمكن استعمال الكاميرا هنا. اختر ملفًا بدلًا منها.',
}

import type { documents as english } from '../en/documents'
import type { Texts } from '../texts'

export const documents: Texts<typeof english> = {
  title: 'وثائقك',
  weSay: 'نقول',
  wanted: 'يرجى تقديم:',
  text: 'جواز سفر، أو وجها وثيقة أخرى، وصورة لوجهك.',
  kind: 'ما تقدّمه',
  kinds: {
    passport: 'جواز سفر',
    id_card_front: 'بطاقة هوية، الوجه',
    id_card_back: 'بطاقة هوية، الظهر',
    driving_licence_front: 'رخصة قيادة، الوجه',
    driving_licence_back: 'رخصة قيادة، الظهر',
    residence_permit_front: 'تصريح إقامة، الوجه',
    residence_permit_back: 'تصريح إقامة، الظهر',
    selfie: 'صورة وجهك',
    proof_of_address: 'إثبات عنوان',
  },
  photo: 'التقط صورة',
  file: 'اختر ملفًا',
  hint: 'كاملة وواضحة وبلا لمعان: JPEG أو PNG أو WebP أو PDF حتى 10 ميغابايت.',
  large: 'لا تزيد الوثيقة على 10 ميغابايت.',
  added: '{name}: سُلّمت.',
  remove: 'إزالة: {name}',
  until: 'تُحفظ مختومة حتى {day} على الأكثر؛ ولا يراها فريقنا إلا للتحقق.',
  erased: {
    holder: 'محوتها في {day}',
    staff: 'محوناها في {day}',
    retention: 'مُحيت في {day} بانقضاء مدتها',
  },
  submit: 'قدّمها للتحقق',
}

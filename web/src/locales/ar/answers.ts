import type { answers as english } from '../en/answers'
import type { Texts } from '../texts'

export const answers: Texts<typeof english> = {
  title: 'الموافقات',
  waiting: 'بانتظار جوابك',
  emptyTitle: 'لا شيء بانتظارك',
  emptyText: 'حين يسأل متجر أو نسأل نحن إن كانت عملية شراء لك، يظهر ذلك هنا فورًا.',
  others: '{count, plural, zero {لا شيء آخر} one {واحدة أخرى تنتظر} two {اثنتان أخريان تنتظران} few {# أخرى تنتظر} many {# أخرى تنتظر} other {# أخرى تنتظر}}',
  purchase: 'متجر يطلب موافقتك',
  question: 'هل كنت أنت؟',
  approve: 'أوافق',
  refuse: 'أرفض',
  report: 'لست أنا: ارفض وبلّغ',
  yes: 'نعم، كنت أنا',
  no: 'لا، لست أنا',
  ended: 'انتهى وقت عملية الشراء هذه. يمكن للمتجر أن يسأل ثانيةً.',
  said: {
    approve: 'تمت الموافقة. يتابع المتجر.',
    refuse: 'تم الرفض. لن يُخصم شيء.',
    report: 'تم الرفض والإبلاغ. نحن ننظر في الأمر.',
  },
  told: {
    yes: 'شكرًا. تبقى البطاقة كما هي.',
    no: 'شكرًا. جُمّدت البطاقة ونحن ننظر في الأمر.',
  },
  past: 'ما أُجيب عنه وانتهى',
  states: {
    approved: 'تمت الموافقة',
    refused: 'مرفوضة',
    reported: 'أُبلغ عنها كاحتيال',
    expired: 'لم يُجب عنها في وقتها',
    canceled: 'ألغاها المتجر',
    yes: 'كنت أنت',
    no: 'لم تكن أنت',
    unanswered: 'بلا جواب',
  },
  invitation: 'شخص يثق بك لتجيب عنه',
  invitationText: 'يمكنك من الآن الموافقة على مشتريات البطاقة «{label}» المنتهية بـ {last4}.',
  accept: 'أقبل',
  decline: 'لا أقبل',
}

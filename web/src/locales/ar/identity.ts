import type { identity as english } from '../en/identity'
import type { Texts } from '../texts'

export const identity: Texts<typeof english> = {
  title: 'الهوية',
  begin: 'ابدأ',
  goOn: 'اعرض وثائقك',
  goOnText: 'تُفتح صفحة المتحقق في لسان جديد. جهّز جواز سفر أو بطاقة هوية.',
  refreshing: 'تلاحظ هذه الصفحة بنفسها حين تنتهي.',
  allows: 'ما يتيحه مستواك',
  cards: 'بطاقات مفتوحة',
  balance: 'رصيد حتى',
  added: 'يُضاف في 30 يومًا حتى',
  any: 'بلا حد',
  level: 'المستوى {level}',
  until: 'صالح حتى {day}',
  why: 'السبب',
  states: {
    not_started: 'لم تبدأ',
    collecting: 'بانتظارك',
    submitted: 'قيد الفحص',
    in_review: 'قيد المراجعة',
    approved: 'موثّقة',
    rejected: 'مرفوضة',
    reverification_due: 'مستحقة من جديد',
    expired: 'منتهية',
  },
  next: {
    not_started: 'أثبت مرة من أنت، فتُصدر البطاقات باسمك.',
    collecting: 'قطعت نصف الطريق: اعرض وثائقك.',
    submitted: 'تُفحص وثائقك. يستغرق ذلك ثواني عادةً.',
    in_review: 'ينظر أحدهم في وثائقك. لا يلزمك شيء.',
    approved: 'هويتك موثّقة. لا شيء لتفعله.',
    rejected: 'اقرأ السبب، وابدأ من جديد إن كان ذلك يفيد.',
    reverification_due: 'وثّق هويتك من جديد قبل اليوم المبيّن.',
    expired: 'طال الأمر كثيرًا. ابدأ من جديد.',
  },
}

import type { home as english } from '../en/home'
import type { Texts } from '../texts'

export const home: Texts<typeof english> = {
  title: 'الرئيسية',
  greeting: 'مرحبًا، {name}',
  available: 'متاح للإنفاق',
  held: 'محجوز',
  posted: 'الرصيد المقيّد',
  heldTitle: 'ما هو محجوز، ولماذا',
  heldText: 'محجوز لـ {merchant} حتى يحصّله أو يحرره',
  nothingHeld: 'لا شيء محجوز: كله لك لتنفقه.',
  owed: '{amount} مستحق عن دفعات لم يغطها رصيدك. إضافتك التالية تسدده.',
  yourCards: 'بطاقاتك',
  noCardsTitle: 'لا بطاقات بعد',
  noCardsText: 'بطاقة لكل غرض تُبقي المفاجآت صغيرة.',
  latest: 'أحدث الحركات',
  noActivityTitle: 'لا دفعات بعد',
  noActivityText: 'تظهر هنا لحظة يطلبها تاجر.',
  spending: 'الإنفاق حسب الفئة',
  spendingText: 'آخر اثني عشر شهرًا',
  noSpending: 'ما تنفقه يُرتَّب هنا من تلقاء نفسه.',
  payments: '{count, plural, zero {لا دفعات} one {دفعة واحدة} two {دفعتان} few {# دفعات} many {# دفعة} other {# دفعة}}',
}

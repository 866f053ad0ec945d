import type { books as english } from '../en/books'
import type { Texts } from '../texts'

export const books: Texts<typeof english> = {
  accounts: {
    wallet: 'المحفظة',
    receivable: 'مستحقات على العملاء',
    issuer_settlement: 'لدى الجهة المُصدِرة',
    funding_in_transit: 'إيداعات في الطريق',
    fees: 'الرسوم',
    dispute_suspense: 'مبالغ متنازع عليها',
    fraud_losses: 'خسائر الاحتيال',
    corrections: 'تصحيحات',
  },
  kinds: {
    clearing: 'تسوية',
    force_post: 'تسوية بلا تفويض',
    refund: 'رد مبلغ',
    top_up: 'إيداع',
    top_up_dispute: 'إيداع متنازع عليه',
    top_up_dispute_reversed: 'إيداع متنازع عليه، رُبح',
    withdrawal: 'سحب',
    withdrawal_returned: 'سحب عاد',
    dispute_credit: 'رصيد مؤقت',
    dispute_credit_reversal: 'استرداد الرصيد المؤقت',
    dispute_recovery: 'نزاع رُبح',
    manual: 'يدويًا',
  },
  records: {
    transaction: 'معاملة بطاقة',
    authorization: 'تفويض',
    charge: 'خصم',
    refund: 'رد مبلغ',
    fee: 'رسم',
    dispute: 'نزاع',
    charge_dispute: 'خصم متنازع عليه',
    total: 'مجموع يوم',
  },
}

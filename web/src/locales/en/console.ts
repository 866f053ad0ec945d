import { approvals } from './approvals'
import { cases } from './cases'
import { customers } from './customers'
import { disputeDesk } from './dispute-desk'
import { overview } from './overview'
import { reviews } from './reviews'
import { shared } from './shared'
import { staff } from './staff'

export const texts = { approvals, cases, customers, disputeDesk, overview, reviews, shared, staff }

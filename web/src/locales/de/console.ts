import { approvals } from './approvals'
import { books } from './books'
import { cases } from './cases'
import { customers } from './customers'
import { disputeDesk } from './dispute-desk'
import { operations } from './operations'
import { overview } from './overview'
import { queue } from './queue'
import { reviews } from './reviews'
import { rules } from './rules'
import { shared } from './shared'
import { staff } from './staff'

export const texts = { approvals, books, cases, customers, disputeDesk, operations, overview, queue, reviews, rules, shared, staff }

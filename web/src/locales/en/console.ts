import { operations } from './operations'
import { rules } from './rules'
import { shared } from './shared'
import { staff } from './staff'

export const texts = { operations, rules, shared, staff }

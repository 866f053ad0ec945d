import { shared } from './shared'
import { staff } from './staff'

export const texts = { shared, staff }

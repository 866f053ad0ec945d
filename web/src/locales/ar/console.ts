import { staff } from './staff'

export const texts = { staff }

import { eventNames } from './event-names'

export const texts = { eventNames }

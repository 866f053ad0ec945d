import { card } from './card'
import { identity } from './identity'
import { inbox } from './inbox'
import { newCard } from './new-card'
import { payment } from './payment'
import { profile } from './profile'
import { security } from './security'
import { topUp } from './top-up'

export const texts = { card, identity, inbox, newCard, payment, profile, security, topUp }

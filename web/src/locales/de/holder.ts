import { approvals } from './approvals'
import { card } from './card'
import { disputes } from './disputes'
import { identity } from './identity'
import { inbox } from './inbox'
import { money } from './money'
import { newCard } from './new-card'
import { payment } from './payment'
import { profile } from './profile'
import { security } from './security'
import { topUp } from './top-up'

export const texts = {
  approvals,
  card,
  disputes,
  identity,
  inbox,
  money,
  newCard,
  payment,
  profile,
  security,
  topUp,
}

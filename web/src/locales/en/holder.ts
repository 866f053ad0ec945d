import { approvals } from './approvals'
import { card } from './card'
import { disputes } from './disputes'
import { eventNames } from './event-names'
import { identity } from './identity'
import { inbox } from './inbox'
import { money } from './money'
import { newCard } from './new-card'
import { payment } from './payment'
import { preferences } from './preferences'
import { profile } from './profile'
import { security } from './security'
import { topUp } from './top-up'

export const texts = {
  approvals,
  card,
  disputes,
  eventNames,
  identity,
  inbox,
  money,
  newCard,
  payment,
  preferences,
  profile,
  security,
  topUp,
}

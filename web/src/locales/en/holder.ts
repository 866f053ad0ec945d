import { answers } from './answers'
import { camera } from './camera'
import { card } from './card'
import { developers } from './developers'
import { disputes } from './disputes'
import { documents } from './documents'
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
  answers,
  camera,
  card,
  developers,
  disputes,
  documents,
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

import { activity } from './activity'
import { app } from './app'
import { auth } from './auth'
import { cards } from './cards'
import { common } from './common'
import { home } from './home'
import { problems } from './problems'
import { setUp } from './set-up'
import { stepUp } from './step-up'

export const texts = { activity, app, auth, cards, common, home, problems, setUp, stepUp }

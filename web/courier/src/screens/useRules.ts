import { useDay, type Delivery, type Rules } from '@courier/engine'

import { rulesOf } from './facts'

/** The rules of the delivery's division as the phone has them now. */
export const useRules = (one: Delivery): Rules | null => rulesOf(useDay().day, one.division)

/** Which proofs hold a step up and which are asked about once more. Pure. */

import type { Level, Proof } from '@courier/engine'

import { PROOFS, type Levels } from './facts'

export type Given = Record<Proof, boolean>

export const lacking = (levels: Levels, given: Given, at: Level): Proof[] => PROOFS.filter((proof) => levels[proof] === at && !given[proof])

/** What was typed for the steps that can still be undone, so that undoing one leads back to its sheet as it was. */

import type { DraftStep } from '@courier/engine'

/** `open`: the courier is in the sheet; a start of the application leads back to it. */
export interface Draft<F> {
  open: boolean
  path: string
  form: F
  code: string
  photos: string[]
}

interface Written {
  delivery: string
  step: DraftStep
  draft: Draft<unknown>
}

const written = new Map<string, Written>()

export const remember = (id: string, what: Written): void => void written.set(id, what)
export const recall = (id: string): Written | undefined => written.get(id)
export const forget = (id: string): void => void written.delete(id)

/** The ticket with which Bitrix24 opens the office: it leaves the address at once and works once. */

import { forgetToken } from '@shared/kit/session'

let kept: string | null = null

/** Call before anything else reads the address. Whoever was in here before is not the one whom the ticket lets in. */
export function takeTicket(): void {
  const found = /^#ticket=([\w-]{20,200})$/.exec(location.hash)
  if (!found?.[1]) return
  kept = found[1]
  forgetToken()
  history.replaceState(history.state, '', `${location.pathname}${location.search}#/`)
}

/** Null: there is none, or it was used. */
export function useTicket(): string | null {
  const ticket = kept
  kept = null
  return ticket
}

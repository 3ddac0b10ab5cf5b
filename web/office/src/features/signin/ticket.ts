/** The ticket with which Bitrix24 opens the office: it leaves the address at once and works once. */

let kept: string | null = null

/** Call before anything else reads the address. */
export function takeTicket(): void {
  const found = /^#ticket=([\w-]{20,200})$/.exec(location.hash)
  if (!found?.[1]) return
  kept = found[1]
  history.replaceState(history.state, '', `${location.pathname}${location.search}#/`)
}

/** Null: there is none, or it was used. */
export function useTicket(): string | null {
  const ticket = kept
  kept = null
  return ticket
}

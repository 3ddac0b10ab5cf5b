// Imported first: code or ticket leave the address before the router, or anything else, reads it.
import { takeOpening, type Opening } from './session'

type Taker = (opening: Opening) => void
let first = takeOpening()
let taker: Taker | null = null

// A link opened in a tab that already shows the application changes only the fragment and loads nothing.
addEventListener('hashchange', () => {
  const opening = takeOpening()
  if (opening) taker?.(opening)
})

/** The opening that the address had, and every later one, to `take`. */
export function onOpening(take: Taker): void {
  taker = take
  if (first) take(first)
  first = null
}

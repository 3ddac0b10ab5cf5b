// Imported first: code or ticket leave the address before the router, or anything else, reads it.
import { takeEntry } from './session'

type Taker = (entry: string) => void
let first = takeEntry()
let taker: Taker | null = null

// A link opened in a tab that already shows the application changes only the fragment and loads nothing.
addEventListener('hashchange', () => {
  const entry = takeEntry()
  if (entry) taker?.(entry)
})

/** The entry of the address, and every later one, to `take`. */
export function onEntry(take: Taker): void {
  taker = take
  if (first) take(first)
  first = null
}

/** The first screen of a start does not take the focus; every later one does, so that a reader hears where it is. */
let first = true

export function shownBefore(): boolean {
  const before = !first
  first = false
  return before
}

/** Hash routing: `#/way?q=000-123`. The address is the state of a page, so a link opens what its sender saw.
 *  Works by itself; the office lets vue-router do it (`drive`), and its pages need not know. */

import { reactive, readonly } from 'vue'

export type Query = Record<string, string | null | undefined>

export interface Route {
  path: string
  query: Readonly<Record<string, string>>
}

/** Who changes the address. Both take what follows the `#`. */
export interface Driver {
  push: (to: string) => void
  replace: (to: string) => void
}

export function parseHash(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#/, '').split(/\?(.*)/s)
  return { path: path || '/', query: Object.fromEntries(new URLSearchParams(query)) }
}

export function toHash(path: string, query: Query = {}): string {
  const kept = Object.entries(query).filter((pair): pair is [string, string] => Boolean(pair[1]))
  const text = new URLSearchParams(kept).toString()
  return `#${path}${text ? `?${text}` : ''}`
}

const state = reactive<Route>(parseHash(location.hash))

function read(): void {
  Object.assign(state, parseHash(location.hash))
}

addEventListener('hashchange', read)
addEventListener('popstate', read)

let driver: Driver = {
  push(to) {
    location.hash = to
    read()
  },
  replace(to) {
    history.replaceState(history.state, '', `#${to}`)
    read()
  },
}

/** Another one changes the address from now on; tell the result where a change led, once its page is there. */
export function drive(by: Driver): (arrived: string) => void {
  removeEventListener('hashchange', read)
  removeEventListener('popstate', read)
  driver = by
  return (arrived) => void Object.assign(state, parseHash(arrived))
}

export const route = readonly(state)

export function go(path: string, query: Query = {}): void {
  const hash = toHash(path, query)
  if (location.hash !== hash) driver.push(hash.slice(1))
}

/** Change parts of the query in place: typing into a filter makes no history. */
export function setQuery(changes: Query): void {
  const hash = toHash(state.path, { ...state.query, ...changes })
  Object.assign(state, parseHash(hash)) // two changes in a row both count
  driver.replace(hash.slice(1))
}

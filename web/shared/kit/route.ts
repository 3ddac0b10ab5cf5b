/** Hash routing: `#/way?q=000-123`. The address is the state of a page, so a link opens what its sender saw. */

import { reactive, readonly } from 'vue'

export interface Route {
  path: string
  query: Readonly<Record<string, string>>
}

export function parseHash(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#/, '').split(/\?(.*)/s)
  return { path: path || '/', query: Object.fromEntries(new URLSearchParams(query)) }
}

export function toHash(path: string, query: Record<string, string | null | undefined> = {}): string {
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

export const route = readonly(state)

export function go(path: string, query: Record<string, string | null | undefined> = {}): void {
  const hash = toHash(path, query)
  if (location.hash !== hash) location.hash = hash
  read()
}

/** Change parts of the query in place: typing into a filter makes no history. */
export function setQuery(changes: Record<string, string | null | undefined>): void {
  const hash = toHash(state.path, { ...state.query, ...changes })
  history.replaceState(history.state, '', hash)
  read()
}

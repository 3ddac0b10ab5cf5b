/** A person's token: comes once in the address's fragment, lives as long as the tab, is never in the address bar. */

import { readonly, ref } from 'vue'

const KEPT = 'posrednik.token'
const current = ref<string | null>(null)
const wasRefused = ref(false)

export const token = readonly(current)
/** The service no longer takes the token that was used here. */
export const refused = readonly(wasRefused)

/** What a fragment carries: `#token=T`, `#token=T&to=/way?q=1` or `#/way?q=1&token=T`. */
export function splitToken(hash: string): { token: string | null; hash: string } {
  const match = /^(#?)(.*?)([?&]?)token=([^&]*)(?:&to=(.*)|(.*))$/s.exec(hash)
  if (!match) return { token: null, hash }
  const [, , before = '', , raw = '', to, after = ''] = match
  const rest = to === undefined ? glue(before, after) : decoded(to)
  return { token: decoded(raw), hash: rest ? `#${rest.replace(/^#/, '')}` : '' }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text // a bare per cent sign: it was never encoded
  }
}

function glue(before: string, after: string): string {
  const more = after.replace(/^&/, '')
  if (!more) return before
  return before + (before.includes('?') ? '&' : before ? '?' : '') + more
}

/** Call before anything else reads the address. */
export function takeToken(): void {
  const found = splitToken(location.hash)
  if (found.token) {
    history.replaceState(history.state, '', location.pathname + location.search + found.hash)
    setToken(found.token)
  } else if (current.value === null) current.value = stored()
}

export function setToken(value: string): void {
  current.value = value
  wasRefused.value = false
  try {
    sessionStorage.setItem(KEPT, value)
  } catch {
    return // storage is forbidden: the token lives until the page is closed
  }
}

export function forgetToken(becauseRefused = false): void {
  current.value = null
  wasRefused.value = becauseRefused
  try {
    sessionStorage.removeItem(KEPT)
  } catch {
    return // as above
  }
}

function stored(): string | null {
  try {
    return sessionStorage.getItem(KEPT)
  } catch {
    return null
  }
}

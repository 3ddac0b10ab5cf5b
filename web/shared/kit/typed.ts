import { onScopeDispose, ref, watch, type Ref } from 'vue'

import { route, setQuery } from './route'

const TYPING_MS = 250

/** What is typed into a page's search: kept in the address (`q`) a moment after the last key. A link, or the way back, that
 *  searches for something else changes what is typed. */
export function useTyped(): Ref<string> {
  const asked = (): string => route.query.q ?? ''
  const typed = ref(asked())
  let settled = typed.value
  let timer: ReturnType<typeof setTimeout> | undefined
  watch(typed, (now) => {
    clearTimeout(timer)
    timer = setTimeout(() => setQuery({ q: (settled = now.trim()) }), TYPING_MS)
  })
  watch(asked, (now) => now !== settled && ([settled, typed.value] = [now, now]))
  onScopeDispose(() => clearTimeout(timer))
  return typed
}

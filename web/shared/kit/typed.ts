import { onScopeDispose, ref, watch, type Ref } from 'vue'

import { route, setQuery } from './route'

const TYPING_MS = 250

/** What is typed into a page's search: kept in the address (`q`) a moment after the last key. */
export function useTyped(): Ref<string> {
  const typed = ref(route.query.q ?? '')
  let timer: ReturnType<typeof setTimeout> | undefined
  watch(typed, (now) => {
    clearTimeout(timer)
    timer = setTimeout(() => setQuery({ q: now.trim() }), TYPING_MS)
  })
  onScopeDispose(() => clearTimeout(timer))
  return typed
}

/** The service's clock as the browser knows it, and a value that follows it second by second. */

import { onScopeDispose, readonly, ref, type Ref } from 'vue'

let skewMs = 0
const now = ref(Date.now())
let timer: ReturnType<typeof setInterval> | undefined
let users = 0

/** From an answer's `Date`, which has whole seconds: less than two of difference say nothing. */
export function learnServerTime(date: string | null): void {
  const differs = Date.parse(date ?? '') - Date.now()
  if (!Number.isNaN(differs)) skewMs = Math.abs(differs) >= 2000 ? differs : 0
}

export const serverNow = (): number => Date.now() + skewMs

export function useNow(): Readonly<Ref<number>> {
  const tick = (): void => void (now.value = serverNow())
  tick()
  if (users++ === 0) timer = setInterval(tick, 1000)
  onScopeDispose(() => {
    if (--users === 0) clearInterval(timer)
  })
  return readonly(now)
}

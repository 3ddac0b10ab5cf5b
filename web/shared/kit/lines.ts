/** A list of lines, newest first: the newest renew themselves, older ones are read on, page by page, and stay. */

import { computed, ref, shallowRef, watch } from 'vue'

import { useLive } from './live'

/** How one list is read. `before`: `next` of the page that was read last, null for the newest lines. */
export interface Lines<P, L, N> {
  /** What the lines are asked for by; with another one everything begins anew. */
  key: () => string
  read: (before: N | null, signal?: AbortSignal) => Promise<P>
  lines: (page: P) => readonly L[]
  everyMs: number
  /** Show what was there until the lines of another key come. */
  keep?: boolean
}

export function useLines<N, P extends { next: N | null }, L extends { id: number }>({ key, read, lines: linesOf, everyMs, keep }: Lines<P, L, N>) {
  const live = useLive(async (signal) => ({ key: key(), page: await read(null, signal) }), { everyMs, key, keep: keep && 'meanwhile' })
  /** All that is shown since older lines were asked for, without a hole; next: where it goes on. */
  const kept = shallowRef<{ lines: readonly L[]; next: N | null } | null>(null)
  const behind = ref(false)
  const failed = shallowRef<unknown>(null)

  const data = computed<P | null>(() => live.data.value?.page ?? null)
  const lines = computed<readonly L[]>(() => kept.value?.lines ?? (data.value ? linesOf(data.value) : []))
  /** Where older lines are; null: there are none, or what is shown is still of another key. */
  const before = computed<N | null>(() => (live.data.value?.key === key() ? (kept.value ?? live.data.value.page).next : null))

  function anew(): void {
    ;[kept.value, behind.value, failed.value] = [null, false, null]
  }
  watch(key, anew, { flush: 'sync' })

  /** New lines join what is kept. A reading that does not reach it would leave out what lies between: then it is told. */
  watch(data, (page) => {
    if (!page || !kept.value) return
    const { lines: shown, next } = kept.value
    const fresh = linesOf(page)
    behind.value = page.next !== null && !fresh.some((line) => shown.some((one) => one.id === line.id))
    if (!behind.value) kept.value = { lines: joined(fresh, shown), next }
  })

  async function more(): Promise<void> {
    const [asked, from] = [key(), before.value]
    if (from === null) return
    kept.value ??= { lines: lines.value, next: from }
    const mine = kept.value.next
    try {
      const found = await read(from)
      // Of another filter, or begun anew, or the same page by a second press.
      if (asked !== key() || kept.value?.next !== mine) return
      ;[kept.value, failed.value] = [{ lines: joined(kept.value.lines, linesOf(found)), next: found.next }, null]
    } catch (fault) {
      if (asked === key()) failed.value = fault
    }
  }
  return { ...live, data, lines, before, behind, failed, more, anew }
}

function joined<L extends { id: number }>(newer: readonly L[], older: readonly L[]): L[] {
  const known = new Set(newer.map((line) => line.id))
  return [...newer, ...older.filter((line) => !known.has(line.id))]
}

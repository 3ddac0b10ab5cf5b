import { way } from '@shared/api/board'
import { useLive } from '@shared/kit/live'
import { go, route } from '@shared/kit/route'
import { computed, ref, watch } from 'vue'

import { recentSearches, remember } from './recent'

/** One order's whole way by `?q=`, renewed every two seconds. */
export function useWay() {
  const q = computed(() => route.query.q ?? '')
  const typed = ref(q.value)
  watch(q, (now) => (typed.value = now))

  const live = useLive((signal) => way(q.value, signal), { key: () => q.value, active: () => q.value !== '' })
  const found = computed(() => live.data.value?.way ?? null)
  const several = computed(() => (found.value ? [] : (live.data.value?.found ?? [])))
  const nothing = computed(() => live.data.value !== null && !found.value && several.value.length === 0)
  watch(found, (now) => now && remember(now.order.number))

  function search(): void {
    const wanted = typed.value.trim()
    go('/way', { q: wanted })
    if (wanted && wanted === q.value) void live.refresh()
  }
  return { ...live, q, typed, found, several, nothing, search, recentSearches }
}

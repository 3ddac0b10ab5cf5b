import { way } from '@shared/api/board'
import { useLive } from '@shared/kit/live'
import { go, route } from '@shared/kit/route'
import { computed, ref, watch } from 'vue'

import { recentSearches, remember } from './recent'

const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** One order's whole way by `?q=`, renewed every two seconds. */
export function useWay() {
  const q = computed(() => route.query.q ?? '')
  const typed = ref(q.value)
  watch(q, (now) => (typed.value = now))

  const live = useLive((signal) => way(q.value, signal), { key: () => q.value, active: () => q.value !== '' })
  const found = computed(() => live.data.value?.way ?? null)
  const several = computed(() => (found.value ? [] : (live.data.value?.found ?? [])))
  const nothing = computed(() => live.data.value !== null && !found.value && several.value.length === 0)
  watch(found, (now) => {
    if (!now) return
    remember(now.order.number)
    // Links come with an id; a person knows the order by its number.
    if (typed.value === q.value && ID.test(q.value)) typed.value = now.order.number
  })

  function search(): void {
    const wanted = typed.value.trim()
    if (wanted && (wanted === q.value || wanted === found.value?.order.number)) void live.refresh()
    else go('/way', { q: wanted })
  }
  return { ...live, q, typed, found, several, nothing, search, recentSearches }
}

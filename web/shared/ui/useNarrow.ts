import { onScopeDispose, readonly, ref, type Ref } from 'vue'

/** The width below which the styles of `base.css` change to a phone's. */
export function useNarrow(): Readonly<Ref<boolean>> {
  const query = matchMedia('(max-width: 719px)')
  const narrow = ref(query.matches)
  const look = (): void => void (narrow.value = query.matches)
  query.addEventListener('change', look)
  onScopeDispose(() => query.removeEventListener('change', look))
  return readonly(narrow)
}

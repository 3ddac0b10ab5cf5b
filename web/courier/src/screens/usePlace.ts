import { locate, type Geo, type GeoError, type Level } from '@courier/engine'
import { computed, ref } from 'vue'

/** A step for which the place is only welcome does not wait for it longer than this. */
const PATIENCE_MS = 1500

/** The place of a step: looked for once when its sheet opens. */
export function usePlace(level: Level) {
  const found = ref<Geo | GeoError | 'looking' | null>(null)
  let under = Promise.resolve<Geo | GeoError | null>(null)

  function look(): void {
    if (level === 'off') return
    found.value = 'looking'
    under = locate().then((place) => (found.value = place))
  }
  const known = computed(() => typeof found.value === 'object' && found.value !== null)

  /** null: the rules do not want it. */
  async function settled(): Promise<Geo | GeoError | null> {
    if (level === 'required' || level === 'warn') return under
    return Promise.race([under, new Promise<GeoError>((done) => setTimeout(() => done('timeout'), PATIENCE_MS))])
  }
  look()
  return { level, found, known, look, settled }
}

export type Place = ReturnType<typeof usePlace>

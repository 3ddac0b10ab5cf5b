import { usePress } from '@shared/api/press'
import { mapValue, replayQuarantine, type Mapped, type WantedMap } from '@shared/api/quarantine'
import { computed, ref, watch } from 'vue'

/** A map: first what would become of what waits for it, then, of the same map, the deed; and all that are left in turn. */
export function useMapValue(wanted: () => WantedMap | null) {
  const trial = usePress<Mapped>()
  const deed = usePress<Mapped>()
  const applied = ref(0)
  watch(() => JSON.stringify(wanted()), () => trial.clear())
  const going = ref(false)
  const busy = computed(() => going.value || [trial.state.value, deed.state.value].some((state) => state === 'sending' || state === 'retrying'))
  /** What was pressed last: the form may say something else by now. */
  let pressed: WantedMap | null = null

  function check(): void {
    const asked = wanted()
    deed.clear()
    if (asked) void trial.press((key) => mapValue(asked, true, key))
  }
  async function save(): Promise<boolean> {
    const asked = wanted()
    if (!asked || busy.value) return false
    pressed = asked
    return settle(asked, deed.press((key) => mapValue(asked, false, key)))
  }
  const again = (): Promise<boolean> => (pressed ? settle(pressed, deed.again()) : Promise.resolve(false))

  async function settle(asked: WantedMap, pressing: Promise<Mapped | null>): Promise<boolean> {
    going.value = true
    try {
      const done = await pressing
      if (done) await rest(asked, done)
      return done !== null
    } finally {
      going.value = false
    }
  }
  /** A transaction has its limit; each turn takes what is left until a turn applies nothing. */
  async function rest(asked: WantedMap, done: Mapped): Promise<void> {
    applied.value = done.replayed + done.waited
    const { base, kind, field, theirs: value } = asked
    for (let more = done.more; more; ) {
      const turn = usePress<{ replayed: number; more: boolean }>()
      const next = await turn.press((key) => replayQuarantine({ base, kind, field, value }, false, key))
      applied.value += next?.replayed ?? 0
      more = Boolean(next?.more && next.replayed)
    }
  }
  return { trial, deed, applied, busy, check, save, again }
}

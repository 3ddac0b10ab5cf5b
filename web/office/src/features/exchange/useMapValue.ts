import { usePress } from '@shared/api/press'
import { mapValue, replayQuarantine, type Mapped, type WantedMap } from '@shared/api/quarantine'
import { computed, ref, watch } from 'vue'

/** A map: first what would become of what waits for it, then, of the same map, the deed; and all that are left in turn. */
export function useMapValue(wanted: () => WantedMap | null) {
  const trial = usePress<Mapped>()
  const deed = usePress<Mapped>()
  const applied = ref(0)
  watch(() => JSON.stringify(wanted()), () => trial.clear())
  const busy = computed(() => [trial.state.value, deed.state.value].some((state) => state === 'sending' || state === 'retrying'))

  function check(): void {
    const asked = wanted()
    deed.clear()
    if (asked) void trial.press((key) => mapValue(asked, true, key))
  }
  async function save(): Promise<boolean> {
    const asked = wanted()
    if (!asked) return false
    const done = await deed.press((key) => mapValue(asked, false, key))
    if (done) await rest(asked, done)
    return done !== null
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
  return { trial, deed, applied, busy, check, save }
}

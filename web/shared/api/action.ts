/** A press of a button whose good end does something on the page. */
import { usePress } from './press'
import { computed } from 'vue'

export type Then = () => void

export function useAction() {
  const press = usePress<Then>()
  const busy = computed(() => press.state.value === 'sending' || press.state.value === 'retrying')
  /** Where it is not known whether money has moved, only the same call may be repeated. */
  const locked = computed(() => busy.value || press.state.value === 'unknown')

  async function settle(result: Promise<Then | null>): Promise<void> {
    const then = await result
    then?.()
  }
  const send = (call: (key: string) => Promise<Then>): Promise<void> => (locked.value ? Promise.resolve() : settle(press.press(call)))
  return { state: press.state, error: press.error, clear: press.clear, busy, locked, send, again: () => settle(press.again()) }
}

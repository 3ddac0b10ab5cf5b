import { act, delivery as readDelivery } from '@shared/api/board'
import { usePress } from '@shared/api/press'
import type { Action, ActionBody, ActionResult, BoardCard, Delivery } from '@shared/api/types'
import { useLive } from '@shared/kit/live'
import { computed, ref, shallowRef, watch } from 'vue'

import { useProofs } from './useProofs'

/** What an action needs from its form. */
export type ActionFacts = Omit<ActionBody, 'action' | 'version'>

/** These are done by the press itself, unless the division is known to ask for a proof; the others ask first. */
const AT_ONCE: readonly Action[] = ['pick_up', 'depart']

/** The board tells of changes; this finds what it does not know of: the state of the other systems. */
const EVERY_MS = 5000

/** One delivery, renewed while it is open, and the actions on it. card: as the board has it, which is told of changes. */
export function useDelivery(id: string, card: () => BoardCard | null) {
  const news = (): string => [card()?.version, card()?.changed_at, card()?.incidents, card()?.comments].join()
  const live = useLive((signal) => readDelivery(id, signal), { everyMs: EVERY_MS, key: news, keep: true })
  const press = usePress<ActionResult>()
  const asking = ref<Action | null>(null)
  const pressed = ref<Action | null>(null)
  const proofs = useProofs()
  /** As the last step left it: the next press must not go back to a reading from before. */
  const acted = shallowRef<Delivery | null>(null)
  const delivery = computed(() => newer(live.data.value, acted.value))
  const busy = computed(() => press.state.value === 'sending' || press.state.value === 'retrying')

  // A refusal that asked for a photo is answered as soon as one is there.
  watch(proofs.photos, () => void (press.state.value === 'refused' && press.clear()))

  const division = (): string => delivery.value?.division.ref ?? ''

  function choose(action: Action): void {
    if (busy.value) return
    press.clear()
    proofs.start(action, division())
    if (AT_ONCE.includes(action) && !proofs.asks(action, division())) void send(action, {}, delivery.value?.version ?? 0)
    else asking.value = asking.value === action ? null : action
  }

  /** `version` is the one the person saw when he decided. */
  async function send(action: Action, facts: ActionFacts, version: number): Promise<void> {
    pressed.value = action
    const taken = proofs.taken() // at once a press: photos that are still made small must not be taken twice
    settle(await press.press(async (key) => {
      const shown = await taken
      await shown.send()
      return act(id, { action, version, ...facts, ...shown.facts }, key)
    }))
  }

  function settle(result: ActionResult | null): void {
    if (result) {
      acted.value = newer(acted.value, result.delivery)
      asking.value = null
      proofs.clear()
    } else if (pressed.value && proofs.learn(press.error.value, pressed.value, division())) asking.value = pressed.value
    void live.refresh()
  }

  /** A drop asks for this step: its form opens, or it is done if it needs none. */
  function want(action: Action): void {
    if (delivery.value?.allowed.includes(action) && asking.value !== action) choose(action)
  }

  async function again(): Promise<void> {
    settle(await press.again())
  }
  return { ...live, delivery, press, busy, proofs, asking, pressed, choose, want, send, again }
}

/** Detail and the answer of an action come apart; the greater version is the later one. */
function newer(one: Delivery | null, other: Delivery | null): Delivery | null {
  if (!one || !other) return one ?? other
  const latest = other.version > one.version ? other : one
  return { ...latest, changed_at: latest.changed_at ?? other.changed_at }
}

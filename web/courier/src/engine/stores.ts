/** What the screens read: filled from the database by `start.ts`, never kept elsewhere. */

import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'

import { core } from './core'
import { stored } from './database'
import { renewDay, type Renewed } from './daybook'
import { asEngineError, EngineError } from './errors'
import { record as recordStep, undo as undoStep } from './queue'
import { createSender, type Sender, type SenderState } from './sender'
import { signIn, signOut, statusOf, type Status } from './session'
import type { Day, NewStep, QueueItem, Shift, ShownDelivery } from './types'
import { isUnsent, itemsOf, look, needsAttention, shownDay, undoable, type Look } from './view'

export const useSession = defineStore('session', () => {
  const status = ref<Status>('starting')
  const courier = ref<{ ref: string; name: string } | null>(null)
  const device = ref('')
  const entry = ref<string | null>(null)
  /** Of an entry by a link (code or ticket in the address), which no screen waits for. */
  const problem = shallowRef<EngineError | null>(null)

  function show(seen: Look): void {
    status.value = statusOf(seen.session)
    courier.value = seen.session?.courier ?? null
    device.value = seen.device?.id ?? ''
    entry.value = seen.session?.entry ?? null
  }

  /** Raises EngineError: login_code_wrong, no_connection, queue_not_empty (another courier's steps are not sent). */
  async function login(codeOrTicket: string): Promise<void> {
    problem.value = null
    await signIn(core(), codeOrTicket)
    await renew()
    // Granted or not, the work goes on; diagnostics show the answer.
    void (navigator.storage as StorageManager | undefined)?.persist?.().catch(() => false)
    void useQueue().send()
    await useDay().refresh() // joins that of who has come in, which `show` began
  }

  /** Raises EngineError queue_not_empty. */
  async function logout(): Promise<void> {
    await signOut(core())
    await renew()
  }

  return { status, courier, device, entry, problem, login, logout, show }
})

/** What reads the same stays the same object, so that nothing is drawn again for it: the day is read anew often. */
function kept(before: readonly ShownDelivery[], now: ShownDelivery[]): ShownDelivery[] {
  const known = new Map(before.map((one) => [one.id, one]))
  return now.map((one) => {
    const old = known.get(one.id)
    return old && JSON.stringify(old) === JSON.stringify(one) ? old : one
  })
}

export const useDay = defineStore('day', () => {
  const day = shallowRef<Day | null>(null)
  const deliveries = shallowRef<ShownDelivery[]>([])
  const shift = computed<Shift | null>(() => day.value?.shift ?? null)
  const loading = ref(false)
  const problem = shallowRef<EngineError | null>(null)
  const renewed_at = ref<number | null>(null)
  const byId = (id: string): ShownDelivery | undefined => deliveries.value.find((one) => one.id === id)
  let newest: Promise<void> | null = null

  function show(seen: Look, items: readonly QueueItem[]): void {
    const shown = shownDay(seen, items)
    day.value = shown?.day ?? null
    deliveries.value = kept(deliveries.value, shown?.deliveries ?? [])
    renewed_at.value = seen.day?.at ?? null
  }

  /** Joins the reading that is under way; one that is asked for `anew` knows what has just happened, and alone tells how it went. */
  function refresh(anew = false): Promise<void> {
    if (newest && !anew) return newest
    const own: Promise<void> = read(() => newest === own).finally(() => {
      if (newest === own) newest = null
    })
    return (newest = own)
  }

  async function read(isNewest: () => boolean): Promise<void> {
    if (useSession().status !== 'in') return
    loading.value = true
    try {
      const renewed = await renewDay(core())
      if (isNewest()) wasRead(renewed)
      await renew()
    } catch (fault) {
      if (isNewest()) wasNotRead(asEngineError(fault))
    } finally {
      if (isNewest()) loading.value = false
    }
  }

  /** The server is there: what waited only for that goes at once. */
  function wasRead({ again, gone }: Renewed): void {
    const queue = useQueue()
    const back = !queue.online
    ;[problem.value, queue.online, queue.gap] = [null, true, gone]
    if (back || again) void queue.nudge(back ? 'online' : 'quiet')
  }

  function wasNotRead(fault: EngineError): void {
    problem.value = fault
    if (fault.code === 'no_connection') useQueue().online = false
  }

  return { day, deliveries, shift, loading, problem, renewed_at, byId, refresh, show }
})

export const useQueue = defineStore('queue', () => {
  const items = shallowRef<QueueItem[]>([])
  const unsent = computed(() => items.value.filter(isUnsent).length)
  const attention = computed(() => items.value.filter(needsAttention).length)
  const canUndo = computed(() => undoable(items.value))
  const photos_unsent = ref(0)
  const bytes_unsent = ref(0)
  const online = ref(navigator.onLine)
  const sending = ref(false)
  const next_try_at = ref<number | null>(null)
  const trouble = shallowRef<EngineError | null>(null)
  /** Steps that the server lacks and this phone has lost: stays until the server tells otherwise. */
  const gap = shallowRef<EngineError | null>(null)
  const problem = computed(() => gap.value ?? trouble.value)
  const under_way = shallowRef<readonly string[]>([])
  let sender: Sender | null = null
  let retry: ReturnType<typeof setTimeout> | undefined

  function show(seen: Look): void {
    items.value = itemsOf(seen, under_way.value, core().now())
    photos_unsent.value = seen.waiting.size
    bytes_unsent.value = [...seen.waiting.values()].reduce((total, bytes) => total + bytes, 0)
  }

  function told(state: Partial<SenderState>): void {
    if (state.sending !== undefined) sending.value = state.sending
    if (state.online !== undefined) online.value = state.online
    if (state.next_try_at !== undefined) tryAt(state.next_try_at)
    if (state.problem !== undefined) trouble.value = state.problem
    if (state.gap !== undefined) gap.value = state.gap
    if (state.under_way === undefined) return
    under_way.value = state.under_way
    void renew()
  }

  function tryAt(time: number | null): void {
    next_try_at.value = time
    clearTimeout(retry)
    if (time !== null) retry = setTimeout(() => void nudge('quiet'), Math.max(0, time - core().now()) + 20)
  }

  /** What the machinery does by itself; `send` is the courier's button. */
  function nudge(trigger: 'user' | 'online' | 'quiet'): Promise<void> {
    sender ??= createSender(core(), told, () => void useDay().refresh(true))
    return sender.send(trigger)
  }

  const send = (): Promise<void> => nudge('user')

  /** On the disk when it resolves. Raises EngineError: storage_full, storage_broken, signed_out, photo_missing. */
  async function record(step: NewStep): Promise<string> {
    const { db, now, mono } = core()
    const id = await recordStep(db, step, { now: now(), mono: mono() })
    await renew()
    void nudge('quiet')
    return id
  }

  async function undo(id: string): Promise<boolean> {
    const undone = await undoStep(core().db, id, core().now())
    await renew()
    return undone
  }

  return {
    items,
    unsent,
    attention,
    canUndo,
    photos_unsent,
    bytes_unsent,
    online,
    sending,
    next_try_at,
    trouble,
    gap,
    problem,
    send,
    record,
    undo,
    nudge,
    show,
  }
})

/** Everything shown anew from one look: a step is on the screen when `record` resolves. What is written stays written if the look fails. */
async function renew(): Promise<void> {
  const { db } = core()
  await stored(db, () => look(db)).then(show, (fault: unknown) => void (useQueue().trouble = asEngineError(fault)))
}

/** Whoever has come in, by this tab or another, has his day read at once. */
export function show(seen: Look): void {
  const before = whoIsIn()
  useSession().show(seen)
  useQueue().show(seen)
  useDay().show(seen, useQueue().items)
  const now = whoIsIn()
  if (now !== null && now !== before && document.visibilityState !== 'hidden') void useDay().refresh(true)
}

function whoIsIn(): string | null {
  const { status, courier } = useSession()
  return status === 'in' ? (courier?.ref ?? null) : null
}

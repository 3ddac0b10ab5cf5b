/** The engine's public face without an engine: for tests of the screens and for looking at them (`vite -c fixture.vite.config.ts`). */

import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'

import { EngineError } from '../engine/errors'
import type { Day, Diagnosis, DraftStep, EventType, Geo, GeoError, NewStep, Photo, QueueItem, Shift, ShownDelivery, Stage } from '../engine/types'
import type { QueueRow } from '../engine/database'
import { isDraftOf } from '../engine/queue'
import { withTrade } from '../engine/trade'
import { aDay, anItem, LOADS, richDeliveries } from './day'

export * from '../engine/types'
export { EngineError }

/** What a test sets, and what it finds recorded. */
export const fixture = {
  place: { latitude: 55.7603, longitude: 37.6203, accuracy_m: 12 } as Geo | GeoError,
  recorded: [] as NewStep[],
  drafts: new Map<string, unknown>(),
  refuse: null as EngineError | null,
  /** No thumbnail can be read. */
  blind: false,
  /** What a picture, and the place, wait for. */
  shutter: Promise.resolve(),
  sky: Promise.resolve(),
}
const asked = new URLSearchParams(globalThis.location?.search ?? '')
const is = (state: string): boolean => asked.getAll('state').includes(state)

export const useSession = defineStore('session', () => {
  const status = ref<'starting' | 'out' | 'in' | 'expired'>(is('out') ? 'out' : is('expired') ? 'expired' : 'in')
  const courier = ref<{ ref: string; name: string } | null>({ ref: 'c1', name: 'Пётр Иванов' })
  const problem = shallowRef<EngineError | null>(null)
  async function login(code: string): Promise<void> {
    if (code !== 'ABCD2345') throw new EngineError('login_code_wrong')
    status.value = 'in'
  }
  const logout = async (): Promise<void> => void (status.value = 'out')
  return { status, courier, device: ref('phone-7f3a'), entry: ref('code'), problem, login, logout }
})

export const useOpened = defineStore('opened', () => ({
  id: ref<string | null>(null), state: ref<'none' | 'sought' | 'found' | 'missing'>(is('missing') ? 'missing' : 'none'), seek: (): void => undefined,
}))

const STAGES: Partial<Record<EventType, Stage>> = {
  'delivery.pick_up': 'picked_up', 'delivery.depart': 'en_route', 'delivery.hand_over': 'handed_over', 'delivery.not_deliver': 'not_delivered', 'delivery.retry': 'picked_up',
}

function firstDay(): Day {
  const day = aDay({ ...(is('noshift') ? { shift: null } : {}), ...(is('loads') ? { backpack_loads: LOADS } : {}), ...(is('bare') ? { backpack: [], sales: [] } : {}) })
  const [sum, code] = [is('near') ? '13400.00' : is('reached') ? '15310.00' : day.cash.to_hand_in, is('code') ? '4821' : null]
  return { ...day, cash: { ...day.cash, to_hand_in: sum, hand_in_code: code } }
}

export const useDay = defineStore('day', () => {
  const day = shallowRef<Day | null>(is('first') ? null : firstDay())
  const deliveries = shallowRef<ShownDelivery[]>(is('empty') || is('first') ? [] : richDeliveries())
  const shift = computed<Shift | null>(() => day.value?.shift ?? null)
  const problem = shallowRef<EngineError | null>(is('offline') || is('first') ? new EngineError('no_connection') : null)
  const byId = (id: string): ShownDelivery | undefined => deliveries.value.find((one) => one.id === id)
  return { day, deliveries, shift, loading: ref(false), problem, renewed_at: ref<number | null>(Date.now() - 600_000), byId, refresh: async () => undefined }
})

function firstItems(): QueueItem[] {
  const ofDay = is('empty') ? [] : richDeliveries().flatMap((one) => [...one.pending, ...one.attention])
  const sent = anItem({ id: 'e1', state: 'accepted', tries: 1, payload: { lines: [{ line: '1', quantity: '1' }, { line: '2', quantity: '1' }] } })
  const handed = anItem({
    id: 'e2', delivery: 'd9', order_number: '000-117', type: 'delivery.hand_over', state: 'accepted', tries: 1,
    payload: { amount_taken: '1250.00', payment_method: 'cash', difference_reason: 'Не было сдачи', lines: [{ line: '1', accepted: '1' }] },
  })
  const kept = is('sent') ? [] : is('quiet') ? ofDay.filter((one) => one.state !== 'rejected') : ofDay
  const asked = is('code') ? [anItem({ id: 'e3', type: 'cash.hand_in_request', delivery: null, order_number: null, at_device: new Date().toISOString(), state: 'accepted', payload: { sum: '6110.00' } })] : []
  return [...asked, ...kept, handed, sent]
}

export const useQueue = defineStore('queue', () => {
  const items = shallowRef<QueueItem[]>(firstItems())
  const count = (fits: (one: QueueItem) => boolean) => computed(() => items.value.filter(fits).length)
  const unsent = count((one) => one.state !== 'accepted' && one.state !== 'rejected')
  const photosUnsent = computed(() => items.value.reduce((sum, one) => sum + one.photos_left, 0))
  const canUndo = computed<QueueItem | null>(() => items.value.find((one) => one.state === 'held') ?? null)

  let earlier: Day | null = null
  async function record(step: NewStep): Promise<string> {
    if (fixture.refuse) throw fixture.refuse
    fixture.recorded.push(step)
    for (const key of fixture.drafts.keys()) {
      const [delivery = '', name] = key.split(' ')
      if (isDraftOf({ delivery, step: name as DraftStep }, step)) fixture.drafts.delete(key) // the engine's own step does it likewise
    }
    const day = useDay()
    const id = `n${fixture.recorded.length}`
    const item = anItem({ id, type: step.type, delivery: step.delivery ?? null, order_number: day.byId(step.delivery ?? '')?.order.number ?? null, at_device: new Date().toISOString(), payload: step.payload, photos: step.photos ?? [], photos_left: step.photos?.length ?? 0, state: 'held', held_until: Date.now() + 10_000 })
    items.value = [item, ...items.value]
    const row = { id, wire: { type: step.type, payload: step.payload, at_device: item.at_device } } as unknown as QueueRow
    if (day.day) [earlier, day.day] = [day.day, withTrade(day.day, [row])]
    day.deliveries = day.deliveries.map((one) => (one.id === step.delivery ? { ...one, stage: STAGES[step.type] ?? one.stage, pending: [item] } : one))
    return id
  }
  async function undo(id: string): Promise<boolean> {
    items.value = items.value.filter((one) => one.id !== id)
    if (earlier) useDay().day = earlier
    return true
  }
  return {
    items, unsent, photos_unsent: photosUnsent, bytes_unsent: computed(() => photosUnsent.value * 430_000), attention: count((one) => one.state === 'rejected'),
    online: ref(!is('offline')), sending: ref(false), next_try_at: ref<number | null>(Date.now() + 45_000), problem: shallowRef<EngineError | null>(null), canUndo, record, undo,
    send: async () => undefined,
  }
})

const draftKey = (delivery: string, step: DraftStep): string => `${delivery} ${step}`
export const useDrafts = () => ({
  save: async (delivery: string, step: DraftStep, form: unknown): Promise<void> => void fixture.drafts.set(draftKey(delivery, step), structuredClone(form)),
  load: async <T>(delivery: string, step: DraftStep): Promise<T | null> => (fixture.drafts.get(draftKey(delivery, step)) as T | undefined) ?? null,
  clear: async (delivery: string, step: DraftStep): Promise<void> => void fixture.drafts.delete(draftKey(delivery, step)),
  newest: async (): Promise<{ delivery: string; step: DraftStep } | null> => {
    const [delivery, step] = ([...fixture.drafts.keys()].at(-1) ?? '').split(' ')
    return delivery && step ? { delivery, step: step as DraftStep } : null
  },
})

export const useUpdate = defineStore('update', () => ({ ready: ref(is('update')), apply: (): void => undefined }))

/** Something to see where a photo would be. */
async function picture(): Promise<Blob> {
  const canvas = new OffscreenCanvas(160, 160)
  const context = canvas.getContext('2d')
  if (context) context.fillStyle = '#8fa3b8'
  context?.fillRect(0, 0, 160, 160)
  return canvas.convertToBlob({ type: 'image/jpeg' })
}

let taken = 0
export async function compressPhoto(file: Blob): Promise<Photo> {
  taken += 1
  const sha256 = `photo${taken}`
  await fixture.shutter
  return { sha256, bytes: file.size, width: 1600, height: 1200, taken_at: new Date().toISOString(), url: URL.createObjectURL(file) }
}
export const photoUrl = async (sha256: string): Promise<string | null> => {
  if (fixture.blind) throw new EngineError('storage_broken')
  return sha256.startsWith('f') ? URL.createObjectURL(await picture()) : null
}
export const locate = async (): Promise<Geo | GeoError> => fixture.sky.then(() => fixture.place)
export function distanceM(a: Omit<Geo, 'accuracy_m'>, b: Omit<Geo, 'accuracy_m'>): number {
  return Math.hypot((a.latitude - b.latitude) * 111_000, (a.longitude - b.longitude) * 62_000)
}
export const diagnose = async (): Promise<Diagnosis> => ({
  version: '0.3.0 · 22.11.2026', camera: 'prompt', position: 'granted', storage: { persisted: true, used: 12_400_000, quota: 2_100_000_000 }, worker: 'f41c2d', clock_offset_ms: 412, device: 'phone-7f3a',
})
export const startEngine = async (): Promise<void> => undefined

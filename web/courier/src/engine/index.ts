/** The engine's public face: what the screens use. Nothing else of this folder is imported from outside. */

import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'

import { EngineError } from './errors'
import type { Day, Diagnosis, DraftStep, Geo, GeoError, NewStep, Photo, QueueItem, Shift, ShownDelivery } from './types'

export * from './types'
export { EngineError } from './errors'

export const useSession = defineStore('session', () => {
  const status = ref<'starting' | 'out' | 'in' | 'expired'>('starting')
  const courier = ref<{ ref: string; name: string } | null>(null)
  const device = ref('')
  const entry = ref<string | null>(null)
  /** Of an entry by a link (code or ticket in the address), which no screen waits for. */
  const problem = shallowRef<EngineError | null>(null)
  const login = async (_codeOrTicket: string): Promise<void> => undefined
  const logout = async (): Promise<void> => undefined
  return { status, courier, device, entry, problem, login, logout }
})

export const useDay = defineStore('day', () => {
  const day = shallowRef<Day | null>(null)
  const deliveries = shallowRef<ShownDelivery[]>([])
  const shift = computed<Shift | null>(() => day.value?.shift ?? null)
  const loading = ref(false)
  const problem = shallowRef<EngineError | null>(null)
  const renewed_at = ref<number | null>(null)
  const byId = (id: string): ShownDelivery | undefined => deliveries.value.find((one) => one.id === id)
  const refresh = async (): Promise<void> => undefined
  return { day, deliveries, shift, loading, problem, renewed_at, byId, refresh }
})

export const useQueue = defineStore('queue', () => {
  const items = shallowRef<QueueItem[]>([])
  const unsent = ref(0)
  const photos_unsent = ref(0)
  const bytes_unsent = ref(0)
  const attention = ref(0)
  const online = ref(true)
  const sending = ref(false)
  const next_try_at = ref<number | null>(null)
  const problem = shallowRef<EngineError | null>(null)
  const canUndo = shallowRef<QueueItem | null>(null)
  const send = async (): Promise<void> => undefined
  const record = async (_step: NewStep): Promise<string> => ''
  const undo = async (_id: string): Promise<boolean> => false
  return { items, unsent, photos_unsent, bytes_unsent, attention, online, sending, next_try_at, problem, canUndo, send, record, undo }
})

export interface Drafts {
  save(delivery: string, step: DraftStep, form: unknown): Promise<void>
  load<T>(delivery: string, step: DraftStep): Promise<T | null>
  clear(delivery: string, step: DraftStep): Promise<void>
  newest(): Promise<{ delivery: string; step: DraftStep } | null>
}
export const useDrafts = (): Drafts => ({
  save: async () => undefined,
  load: async () => null,
  clear: async () => undefined,
  newest: async () => null,
})

export const useUpdate = defineStore('update', () => ({ ready: ref(false), apply: (): void => undefined }))

export const compressPhoto = (_file: Blob): Promise<Photo> => Promise.reject(new EngineError('photo_unreadable'))
export const photoUrl = async (_sha256: string): Promise<string | null> => null
export const locate = async (_timeoutMs = 10_000): Promise<Geo | GeoError> => 'not_supported'
export const distanceM = (_a: { latitude: number; longitude: number }, _b: { latitude: number; longitude: number }): number => 0
export const diagnose = (): Promise<Diagnosis> => Promise.reject(new EngineError('signed_out'))
export const startEngine = async (): Promise<void> => undefined

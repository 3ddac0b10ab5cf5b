import { call } from './client'

export type ValueType = 'text' | 'guid' | 'money' | 'quantity' | 'flag' | 'time' | 'number'

/** What could not be read. field: its path, '' = the whole object, null = not kept. value: '' = empty, null = no single value. */
export interface Unread {
  base: string
  base_id: string
  kind: string
  code: string
  message: string
  field: string | null
  value: string | null
  expects: ValueType | null
  /** The kind that a reference points to. */
  refers: string | null
  may_map: boolean
}
export interface QuarantinedObject extends Unread {
  id: number
  ref: string
  received_at: string
  number: number | null
}
export interface QuarantinedWhole extends QuarantinedObject { raw: unknown }
/** Objects with one and the same reason. */
export interface Reason extends Unread { count: number; first_at: string; last_at: string }

export interface QuarantineFilter { base?: string; kind?: string; code?: string; field?: string; value?: string; q?: string; before?: number | null }
export type Became = 'applied' | 'unchanged' | 'stale' | 'waiting' | 'bad'
export interface QuarantineTried {
  /** How many could be read. */
  count: number
  replayed: number
  /** There may be more than were tried. */
  more: boolean
  objects: { id: number; kind: string; ref: string; became: Became; code: string; message: string }[]
}
export interface QuarantineWanted {
  ids?: number[] | null
  base?: string | null
  kind?: string | null
  code?: string | null
  field?: string | null
  value?: string | null
}

export interface ValueMap {
  id: number
  base: string
  base_name: string
  kind: string
  field: string
  theirs: string
  ours: string
  ours_name: string | null
  by: string
  at: string
}
export interface WantedMap { base: string; kind: string; field: string; theirs: string; ours: string }
/** waited: objects that waited for what `theirs` refers to, and do no more. */
export interface Mapped extends QuarantineTried { id: number | null; waited: number }
export interface MapField { field: string; type: ValueType; refers: string | null; required: boolean; values: string[] }
export interface Choice { ref: string; name: string | null }

const QUARANTINE = '/api/v1/admin/quarantine'
const MAPS = '/api/v1/admin/value-maps'

export const quarantine = (filter: QuarantineFilter, signal?: AbortSignal): Promise<{ objects: QuarantinedObject[]; next: number | null }> =>
  call('GET', QUARANTINE, { query: { ...filter }, signal })

/** base: of this one, undefined = of all. */
export const reasons = (base: string | undefined, signal?: AbortSignal): Promise<{ reasons: Reason[]; more: boolean }> =>
  call('GET', `${QUARANTINE}/reasons`, { query: { base }, signal })

export const quarantined = (id: number | string, signal?: AbortSignal): Promise<QuarantinedWhole> => call('GET', `${QUARANTINE}/${id}`, { signal })

/** With `dryRun` nothing is applied: the answer says what would become of each. */
export const replayQuarantine = (wanted: QuarantineWanted, dryRun: boolean, key: string): Promise<QuarantineTried> =>
  call('POST', `${QUARANTINE}/replay`, { body: { ...wanted, dry_run: dryRun }, key })

export const valueMaps = (signal?: AbortSignal): Promise<{ maps: ValueMap[] }> => call('GET', MAPS, { signal })

export const mapFields = (signal?: AbortSignal): Promise<{ kinds: { kind: string; fields: MapField[] }[] }> => call('GET', `${MAPS}/fields`, { signal })

/** Objects of a kind that a reference may point to. q: a part of the name, or the ref. */
export const choices = (base: string, kind: string, q: string, signal?: AbortSignal): Promise<{ choices: Choice[] }> =>
  call('GET', `${MAPS}/choices`, { query: { base, kind, q }, signal })

/** With `dryRun` nothing is saved: the answer says what would become of what waits for it. */
export const mapValue = (wanted: WantedMap, dryRun: boolean, key: string): Promise<Mapped> => call('POST', MAPS, { body: { ...wanted, dry_run: dryRun }, key })

export const unmapValue = (id: number, key: string): Promise<unknown> => call('DELETE', `${MAPS}/${id}`, { key })

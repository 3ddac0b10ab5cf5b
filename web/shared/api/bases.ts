import { call } from './client'

/** more: there are more than `count`; they were not counted to the end. */
export interface Count { count: number; more: boolean }
/** slice: a month, or empty: the whole kind. */
export interface DoubtLeft { kind: string; slice: string; count: number }
/** at: null = numbers went back in the same epoch. lost: objects it does not have. left: those it has not confirmed, null = not counted yet. */
export interface Restored { at: string | null; reason: string; lost: number; compared: number; agreed: number; left?: DoubtLeft[] | null }
export interface KindCount { kind: string; present: number; deleted: number; changed_at: string | null }
export interface BaseOutgoing { waiting: number; given: number; dead: number; oldest_s: number | null; state: 'open' | 'paused' | 'disabled'; why: string }

export type LoadState = 'running' | 'stopped' | 'failed' | 'done'
export type Why = 'missing' | 'version' | 'waiting' | 'quarantined' | 'gone'
export interface Differing { ref: string; theirs: string | null; ours: string | null; why: Why }
/** differing: how many are known by name, 200 at most. theirs, ours: null = not compared yet. */
export interface LoadedKind {
  kind: string
  state: 'waiting' | 'read' | 'checked'
  done: number
  total: number | null
  bad: number
  theirs: number | null
  ours: number | null
  differing: number
}
/** rate: objects a second. left_s, total: null = not known. reads: a process does, at this moment. */
export interface Load {
  id: number
  base: string
  state: LoadState
  kind: string | null
  done: number
  total: number | null
  bad: number
  rate: number
  left_s: number | null
  reads: boolean
  asked_by: string
  started_at: string
  finished_at: string | null
  errors: string[]
  sets: LoadedKind[]
}
/** objects: null = not counted yet. silent: not heard for a day. missing: how many numbers; gaps: the first ranges. */
export interface SeenBase {
  id: string
  name: string
  time_zone: string
  mode: 'pull' | 'push'
  encoding: 'json' | 'xml'
  epoch: string | null
  epoch_no: number
  epoch_at: string | null
  epoch_reason: string
  /** When it had confirmed everything after a restore. */
  confirmed_at?: string | null
  instance: string | null
  last_accepted: number | null
  heard_at: string | null
  message_at: string | null
  gaps: [number, number][]
  missing: number
  silent: boolean
  restored: Restored | null
  objects: { counted_at: string; kinds: KindCount[] } | null
  waiting: { objects: Count; commands: Count; oldest_at: string | null }
  quarantined: Count
  outgoing: BaseOutgoing
  load: Load | null
  loadable: boolean
}
/** address: where 1C sends; empty = that of this page. */
export interface Bases { bases: SeenBase[]; address: string }

export type NeedState = 'absent' | 'waiting' | 'quarantined'
export interface Need { kind: string; ref: string; name: string; state: NeedState }
/** since: the longest; null = they are many. */
export interface Wanted extends Need { count: Count; since: string | null }
export interface WaitingObject { kind: string; ref: string; name: string; since: string; number: number | null; needs: Need[]; needs_count: number }
export interface WaitingCommand { id: string; type: string; order: string | null; since: string; by: string }
export interface WaitingPage {
  objects: WaitingObject[]
  commands: WaitingCommand[]
  wanted: Wanted[]
  most: boolean
  next: string | null
}
export type LoadAction = 'start' | 'stop' | 'resume'
interface DifferingKind extends Omit<LoadedKind, 'differing'> { differing: Differing[] }

const ADMIN = '/api/v1/admin'

export const bases = (signal?: AbortSignal): Promise<Bases> => call('GET', `${ADMIN}/bases`, { signal })

export const waiting = (base: string, after: string | null, signal?: AbortSignal): Promise<WaitingPage> =>
  call('GET', `${ADMIN}/bases/${encodeURIComponent(base)}/waiting`, { query: { after }, signal })

/** The objects that differ, by name: too many to come with every look at the bases. */
export const loads = (signal?: AbortSignal): Promise<{ loads: (Omit<Load, 'sets'> & { sets: DifferingKind[] })[] }> =>
  call('GET', `${ADMIN}/loads`, { signal })

export const actOnLoad = (base: string, action: LoadAction, key: string): Promise<Load> =>
  call('POST', `${ADMIN}/loads/${encodeURIComponent(base)}`, { body: { action }, key })

import { pilot, type Gate, type Mode, type PilotDivision } from '@shared/api/pilot'
import { useLive } from '@shared/kit/live'
import type { Tone } from '@shared/ui/tone'
import { computed } from 'vue'

const EVERY_MS = 15_000

export const MODES: readonly Mode[] = ['off', 'shadow', 'pilot', 'live']
export const TONES: Record<Mode, Tone> = { off: 'grey', shadow: 'violet', pilot: 'amber', live: 'green' }

export function usePilot() {
  const live = useLive(pilot, { everyMs: EVERY_MS })
  const divisions = computed(() => live.data.value?.divisions ?? [])
  return { ...live, divisions }
}

/** Modes that one can go to: the next first, then those that lead back, nearest first. */
export function stepsOf(mode: Mode): Mode[] {
  const now = MODES.indexOf(mode)
  return [...MODES.slice(now + 1), ...MODES.slice(0, now).reverse()]
}

export interface GateRow { key: string; title: string; days: readonly (Gate | null)[] }

/** A row of each gate, a cell of each day that any of them has. */
export function gateGrid(gates: readonly Gate[]): { days: string[]; rows: GateRow[] } {
  const days = [...new Set(gates.map((gate) => gate.day))].sort()
  const titles = new Map(gates.map((gate) => [gate.key, gate.title]))
  const of = new Map(gates.map((gate) => [`${gate.key} ${gate.day}`, gate]))
  const rows = [...titles].map(([key, title]) => ({ key, title, days: days.map((day) => of.get(`${key} ${day}`) ?? null) }))
  return { days, rows }
}

export type GateState = 'fine' | 'red' | 'unknown'
export const stateOf = (gate: Gate | null): GateState => (!gate || gate.fine === null ? 'unknown' : gate.fine ? 'fine' : 'red')

export const countOf = (division: PilotDivision, state: 'warn' | 'stop'): number =>
  division.checklist.filter((check) => check.state === state).length

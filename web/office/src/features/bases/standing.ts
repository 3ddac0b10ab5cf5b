/** What a base's figures mean, in one word and in the notes that a person needs; and where a first load stands. */

import type { Count, Load, SeenBase } from '@shared/api/bases'
import { formatCount } from '@shared/kit/value'
import type { IconName } from '@shared/ui/AppIcon.vue'
import type { Tone } from '@shared/ui/tone'

export type Standing = 'never' | 'silent' | 'refuses' | 'doubt' | 'gaps' | 'paused' | 'works'
export const LOOKS: Record<Standing, { tone: Tone; icon: IconName }> = {
  never: { tone: 'grey', icon: 'clock' },
  silent: { tone: 'red', icon: 'offline' },
  refuses: { tone: 'red', icon: 'alert' },
  doubt: { tone: 'amber', icon: 'again' },
  gaps: { tone: 'amber', icon: 'alert' },
  paused: { tone: 'amber', icon: 'minus' },
  works: { tone: 'green', icon: 'check' },
}

/** All that is wrong, the worst first; nothing = it works. */
export function troubles(base: SeenBase): Exclude<Standing, 'works'>[] {
  if (base.epoch === null) return ['never']
  const found: [Exclude<Standing, 'works'>, boolean][] = [
    ['silent', base.silent],
    ['refuses', base.outgoing.dead > 0],
    ['doubt', base.restored !== null],
    ['gaps', base.missing > 0],
    ['paused', base.outgoing.state !== 'open'],
  ]
  return found.filter(([, holds]) => holds).map(([one]) => one)
}

export const standing = (base: SeenBase): Standing => troubles(base)[0] ?? 'works'

/** reading, checking: somebody does. unread: nobody reads yet, or any more. agrees, differs: done. */
export type Phase = 'reading' | 'checking' | 'unread' | 'stopped' | 'failed' | 'agrees' | 'differs'
export const PHASES: Record<Phase, { tone: Tone; icon: IconName }> = {
  reading: { tone: 'blue', icon: 'download' },
  checking: { tone: 'blue', icon: 'again' },
  unread: { tone: 'amber', icon: 'clock' },
  stopped: { tone: 'grey', icon: 'minus' },
  failed: { tone: 'red', icon: 'alert' },
  agrees: { tone: 'green', icon: 'check' },
  differs: { tone: 'amber', icon: 'alert' },
}

export function phaseOf(load: Load): Phase {
  if (load.state === 'stopped' || load.state === 'failed') return load.state
  if (load.state === 'done') return load.sets.some((one) => one.differing || one.theirs !== one.ours) ? 'differs' : 'agrees'
  if (!load.reads) return 'unread'
  return load.sets.length && load.sets.every((one) => one.state !== 'waiting') ? 'checking' : 'reading'
}

/** How far it is: of the objects while they are read, of the kinds while they are compared. max null: not known yet. */
export function progressOf(load: Load): { value: number; max: number | null } {
  if (phaseOf(load) === 'checking') return { value: load.sets.filter((one) => one.state === 'checked').length, max: load.sets.length }
  return { value: load.total === null ? load.done : Math.min(load.done, load.total), max: load.total }
}

/** Never 100 % before the end. */
export const percent = ({ value, max }: { value: number; max: number | null }): number | null =>
  max ? Math.min(Math.floor((value / max) * 100), value < max ? 99 : 100) : null

/** «10 000+» where counting ended. */
export const countText = ({ count, more }: Count): string => formatCount(count) + (more ? '+' : '')

export const sum = (a: Count, b: Count): Count => ({ count: a.count + b.count, more: a.more || b.more })

/** How many objects a base has here; null: not counted yet. */
export const objectsOf = (base: SeenBase): number | null => base.objects?.kinds.reduce((all, one) => all + one.present, 0) ?? null

/** The sentence a load ended with, and what else was noted of it. */
export function saidOf(load: Load): { fault: string | null; notes: readonly string[] } {
  if (load.state !== 'failed') return { fault: null, notes: load.errors }
  return { fault: load.errors.at(-1) ?? null, notes: load.errors.slice(0, -1) }
}

import type { Subscription } from '@shared/api/subscriptions'
import type { Tone } from '@shared/ui/tone'

import { t } from './words'

/** A closed door matters more than an open switch. */
export function stateOf(one: Subscription): { tone: Tone; text: string } {
  if (one.state !== 'open') return { tone: one.state === 'paused' ? 'amber' : 'red', text: t.subState[one.state] ?? one.state }
  if (one.breaker !== 'closed') return { tone: 'red', text: t.breakerOpen }
  return one.dead ? { tone: 'red', text: t.dead(one.dead) } : { tone: 'green', text: t.subState.open ?? '' }
}

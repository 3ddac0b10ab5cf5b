import type { Destination } from '@shared/api/types'
import type { IconName } from '@shared/ui/AppIcon.vue'
import type { Tone } from '@shared/ui/tone'

export type Shown = 'open' | 'paused' | 'disabled' | 'broken' | 'probing'

export const LOOKS: Record<Shown, { tone: Tone; icon: IconName }> = {
  open: { tone: 'green', icon: 'check' },
  paused: { tone: 'amber', icon: 'minus' },
  disabled: { tone: 'red', icon: 'close' },
  broken: { tone: 'red', icon: 'alert' },
  probing: { tone: 'amber', icon: 'clock' },
}

/** What a person needs to know first: switched off by somebody, then whether the other side answers. */
export function shownState(one: Destination): Shown {
  if (one.state !== 'open') return one.state
  if (one.breaker === 'open') return 'broken'
  return one.breaker === 'half_open' ? 'probing' : 'open'
}

export const whyOf = (one: Destination): string => (one.state === 'open' ? (one.breaker === 'closed' ? '' : one.breaker_why) : one.why)

/** What the figures of the portal mean: how it stands, how near a method is to its limit, where an alarm is mended. */

import type { Alarm, LineState, Method, Standing } from '@shared/api/portal'
import type { IconName } from '@shared/ui/AppIcon.vue'
import type { Tone } from '@shared/ui/tone'

export const LOOKS: Record<Standing, { tone: Tone; icon: IconName }> = {
  works: { tone: 'green', icon: 'check' },
  unused: { tone: 'grey', icon: 'clock' },
  away: { tone: 'red', icon: 'offline' },
  stopped: { tone: 'red', icon: 'alert' },
  overload: { tone: 'red', icon: 'alert' },
  paused: { tone: 'amber', icon: 'minus' },
  disabled: { tone: 'amber', icon: 'minus' },
}
export const LINES: Record<LineState, { tone: Tone; icon: IconName }> = {
  ok: { tone: 'green', icon: 'check' },
  done: { tone: 'green', icon: 'plus' },
  warn: { tone: 'amber', icon: 'alert' },
  wrong: { tone: 'red', icon: 'close' },
  skip: { tone: 'grey', icon: 'minus' },
}
/** Shares of its limit: from the first a method stands out, at the second it rests. */
export const NEAR = 0.75
export const FULL = 0.9

/** Of what a method may run in ten minutes, 0 to 1; null = nobody has told of either. */
export const shareOf = (one: Method): number | null =>
  one.operating_s === null || !one.limit_s ? null : Math.min(1, one.operating_s / one.limit_s)

export const methodTone = (one: Method): Tone | null => (one.rests_s > 0 ? 'red' : (shareOf(one) ?? 0) >= NEAR ? 'amber' : null)

/** The page of a task; the portal shows it to whoever may see it. */
export const taskUrl = (portal: string, task: number): string => `${portal}/company/personal/user/0/tasks/task/view/${task}/`

const TABS: Record<string, string> = {
  portal_stopped: 'portal', portal_overload: 'portal', token_dead: 'portal', token_unreadable: 'portal', token_old: 'portal', events_silent: 'portal',
  events_forged: 'portal', dead_letters: 'dead', base_silent: 'bases',
}

/** The tab of this page where more of an alarm stands; none = the page itself says all. */
export const tabOf = (alarm: Alarm): string | undefined => TABS[alarm.code]

/** What was typed and not yet done. Written before the camera opens: on a weak phone that may be the page's last act. */

import { core } from './core'
import { stored, type DraftRow } from './database'
import { isRecorded } from './queue'
import type { DraftStep } from './types'

export interface Drafts {
  /** form: whatever JSON can say; hashes of photos taken belong in it. */
  save(delivery: string, step: DraftStep, form: unknown): Promise<void>
  /** From then on these drafts save nothing of a step that was recorded meanwhile: it would come back as a sheet. */
  load<T>(delivery: string, step: DraftStep): Promise<T | null>
  clear(delivery: string, step: DraftStep): Promise<void>
  /** Where the courier was when the page was killed. */
  newest(): Promise<{ delivery: string; step: DraftStep } | null>
}

export function useDrafts({ db, now } = core()): Drafts {
  let since: number | null = null
  return {
    save: (delivery, step, form) =>
      db.whole(async () => {
        if (since !== null && (await isRecorded(db, { delivery, step }, since))) return
        const row: DraftRow = { delivery, step, form: JSON.parse(JSON.stringify(form ?? null)), at: now() }
        await db.drafts.put(row)
      }),
    load: async <T>(delivery: string, step: DraftStep) => {
      const [draft, device] = await stored(db, () =>
        db.transaction('r', db.tables, async () => [await db.drafts.get([delivery, step]), await db.get('device')] as const),
      )
      since = device?.next_order ?? 0
      return (draft?.form ?? null) as T | null
    },
    clear: (delivery, step) => db.whole(() => db.drafts.delete([delivery, step])),
    newest: async () => {
      const draft = await stored(db, () => db.drafts.orderBy('at').last())
      return draft ? { delivery: draft.delivery, step: draft.step } : null
    },
  }
}

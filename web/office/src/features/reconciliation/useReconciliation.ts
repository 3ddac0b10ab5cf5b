import { agreement, runs, type Agreement, type Run } from '@shared/api/reconciliation'
import { language } from '@shared/kit/i18n'
import { useLive } from '@shared/kit/live'
import { computed } from 'vue'

const EVERY_MS = 5000

/** How far each base agrees, and all runs; the newest of a base is its state. */
export function useReconciliation() {
  const bases = useLive(agreement, { everyMs: EVERY_MS })
  const history = useLive((signal) => runs(undefined, signal), { everyMs: EVERY_MS })
  const refresh = async (): Promise<void> => void (await Promise.all([bases.refresh(), history.refresh()]))
  const newest = computed(() => newestOf(history.data.value?.runs ?? []))
  return { bases, history, refresh, newest }
}

/** Runs come newest first. last: that has ended and compared something; sampled: with a sample that was checked. */
export interface Newest { now: Run | null; last: Run | null; sampled: Run | null }

export function newestOf(all: readonly Run[]): (base: string) => Newest {
  return (base) => {
    const mine = all.filter((one) => one.base === base)
    return {
      now: mine.find((one) => one.state === 'running') ?? null,
      last: mine.find((one) => one.state !== 'running' && one.objects > 0) ?? null,
      sampled: mine.find((one) => one.sample?.share != null) ?? null,
    }
  }
}

export interface Shown { share: number | null; of: number; at: string | null; exact: boolean }

/** By objects where a run has compared them, else by slices. */
export function shareOf(base: Agreement, last: Run | null): Shown {
  if (!last) return { share: base.share, of: base.checked, at: base.last_at, exact: false }
  return { share: last.agreeing / last.objects, of: last.objects, at: last.finished_at, exact: true }
}

/** Never better than it is: 0.99999 is «99,99 %», not «100 %». */
export function agreeText(share: number | null): string {
  if (share === null) return '—'
  const text = String(Math.floor(share * 10_000 + 1e-9) / 100)
  return `${language.value === 'ru' ? text.replace('.', ',') : text}\u202f%`
}

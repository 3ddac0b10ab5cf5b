import { report, reportFile, REPORTS, type FileForm, type Report, type ReportFilter, type ReportName, type ReportRow } from '@shared/api/reports'
import { daysOf, isDay, today, type Days } from '@shared/kit/days'
import { useLive } from '@shared/kit/live'
import { route, setQuery, toHash } from '@shared/kit/route'
import { save } from '@shared/kit/save'
import type { Column } from '@shared/ui/table'
import { computed, shallowRef, watch } from 'vue'

import { casesOf, casesOfTotal } from './view'
import { t } from './words'

const EVERY_MS = 30_000

/** Which report, of which days and of whom: all of it stands in the address. */
export function useReport() {
  const name = computed<ReportName>({
    get: () => REPORTS.find((one) => one === route.query.report) ?? 'couriers',
    set: (now) => setQuery({ report: now === 'couriers' ? null : now, sort: null, cases: null }),
  })
  const days = computed<Days>({
    get: () => {
      const week = daysOf('week', today())
      const { from, to } = route.query
      return isDay(from) && isDay(to) ? { from, to } : week
    },
    set: ({ from, to }) => setQuery({ from, to, cases: null }),
  })
  const sort = computed({ get: () => route.query.sort ?? '', set: (now: string) => setQuery({ sort: now }) })
  const filter = computed<ReportFilter>(() => ({ ...days.value, division: route.query.division, courier: route.query.courier }))
  const live = useLive((signal) => report(name.value, filter.value, signal), { everyMs: EVERY_MS, key: () => JSON.stringify([name.value, filter.value]) })

  /** By whom one may ask; it stays while another report is read. */
  const choices = shallowRef<Report['choices']>({ divisions: [], couriers: [] })
  watch(live.data, (now) => now && (choices.value = now.choices))

  const columns = computed<Column<ReportRow>[]>(() =>
    (live.data.value?.columns ?? []).map((column) => ({ ...column, link: (row) => caseLink(column.key, row) })),
  )
  function caseLink(key: string, row: ReportRow): string | null {
    return casesAt(live.data.value && casesOf(live.data.value, key, row))
  }
  const totalLink = (key: string): string | null => casesAt(live.data.value && casesOfTotal(live.data.value, key, filter.value))
  const casesAt = (address: string | null | undefined): string | null => (address ? toHash(route.path, { ...route.query, cases: address }) : null)
  /** Only ours: the address of the page is anybody's to write. */
  const cases = computed(() => (/^\/api\/v1\/reports\/[a-z]+\/cases\?/.test(route.query.cases ?? '') ? route.query.cases! : ''))
  const rowKey = (row: ReportRow): string =>
    ['day', 'courier_ref', 'division_ref', 'product_ref', 'product', 'reason_ref', 'figure'].map((key) => row[key] ?? '').join(' ')

  return { ...live, name, days, sort, filter, choices, columns, totalLink, cases, rowKey, ...useFiles(name, filter) }
}

function useFiles(name: { readonly value: ReportName }, filter: { readonly value: ReportFilter }) {
  const saving = shallowRef<FileForm | null>(null)
  const fault = shallowRef<unknown>(null)

  async function keep(form: FileForm): Promise<void> {
    ;[saving.value, fault.value] = [form, null]
    const { from, to } = filter.value
    const title = `${t.reports[name.value]} ${from}–${to}.${form}` // another report may be looked at when it is there
    try {
      save(await reportFile(name.value, filter.value, form), title)
    } catch (error) {
      fault.value = error
    } finally {
      saving.value = null
    }
  }
  return { saving, fault, keep }
}

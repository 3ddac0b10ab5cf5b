import { keepCompanyDay } from '@shared/kit/days'
import { setToken } from '@shared/kit/session'
import { inScope } from '@shared/testing/scope'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { nextTick } from 'vue'

import { useReport } from './useReport'
import { t } from './words'

const asked: string[] = []
const EMPTY = { name: 'couriers', title: '', columns: [], rows: [], totals: {}, cases: {}, choices: { divisions: [], couriers: [] }, first: '', last: '', hidden: 0, made_at: '', took_ms: 1 }

beforeEach(() => {
  setToken('person-1')
  asked.length = 0
  vi.stubGlobal('fetch', vi.fn<typeof fetch>((url) => {
    asked.push(String(url))
    return Promise.resolve(new Response(JSON.stringify(EMPTY)))
  }))
})
afterEach(() => void vi.unstubAllGlobals())

it('asks for the days of the company, and follows when a day there ends', async () => {
  keepCompanyDay('Asia/Vladivostok', Date.parse('2026-11-22T13:30:00Z'))
  const { value: report, stop } = inScope(useReport)
  expect(report.days.value).toEqual({ from: '2026-11-16', to: '2026-11-22' })
  await vi.waitFor(() => expect(asked.at(-1)).toContain('from=2026-11-16&to=2026-11-22'))
  keepCompanyDay('Asia/Vladivostok', Date.parse('2026-11-22T14:00:00Z'))
  await nextTick()
  await vi.waitFor(() => expect(asked.at(-1)).toContain('from=2026-11-17&to=2026-11-23'))
  stop()
})

it('names a file by the report that was asked for, whatever is looked at when it is there', async () => {
  let done: (file: Response) => void = () => {}
  vi.stubGlobal('fetch', vi.fn<typeof fetch>((url) => (String(url).includes('xlsx') ? new Promise((give) => (done = give)) : Promise.resolve(new Response(JSON.stringify(EMPTY))))))
  const links: string[] = []
  vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function (this: HTMLAnchorElement) { links.push(this.download) })
  const { value: report, stop } = inScope(useReport)
  const { from, to } = report.days.value
  const kept = report.keep('xlsx')
  report.name.value = 'cash'
  await nextTick()
  done(new Response('…'))
  await kept
  expect(links).toEqual([`${t.reports.couriers} ${from}–${to}.xlsx`])
  stop()
})

import { keepCompanyDay } from '@shared/kit/days'
import { setToken } from '@shared/kit/session'
import { inScope } from '@shared/testing/scope'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { nextTick } from 'vue'

import { useReport } from './useReport'

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

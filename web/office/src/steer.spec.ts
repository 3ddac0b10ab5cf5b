import type { Driver } from '@shared/kit/route'
import { expect, it, vi } from 'vitest'
import { createMemoryHistory, createRouter } from 'vue-router'

import { steer } from './steer'

const PAGE = { template: '' }

/** `/slow` is loaded when the test says so; `/gone` cannot be read. */
async function steering() {
  let load: (() => void) | undefined
  const slow = (): Promise<typeof PAGE> => new Promise((done) => (load = () => done(PAGE)))
  const router = createRouter({
    history: createMemoryHistory(),
    routes: [
      { path: '/list', component: PAGE }, { path: '/other', component: PAGE }, { path: '/slow', component: slow },
      { path: '/gone', component: () => Promise.reject(new Error('no such file')) },
    ],
  })
  let driver: Driver | undefined
  const arrived = vi.fn<(to: string) => void>()
  const unread = steer(router, (by) => ((driver = by), arrived))
  await router.push('/list')
  arrived.mockClear()
  return { router, driver: driver!, arrived, unread, asked: () => vi.waitFor(() => expect(load).toBeDefined()), load: () => load!() }
}

it('tells of where it arrived, not of a way that was given up for another', async () => {
  const { router, driver, arrived } = await steering()
  driver.push('/slow')
  driver.push('/other?q=2')
  await vi.waitFor(() => expect(router.currentRoute.value.fullPath).toBe('/other?q=2'))
  expect(arrived.mock.calls).toEqual([['/other?q=2']])
})

it('tells of the last of two changes in a row only', async () => {
  const { arrived, driver } = await steering()
  driver.replace('/list?a=1')
  driver.replace('/list?a=1&b=2')
  await vi.waitFor(() => expect(arrived).toHaveBeenCalled())
  await Promise.resolve()
  expect(arrived.mock.calls).toEqual([['/list?a=1&b=2']])
})

it('calls nobody back to a page that is being left for one that is still loaded', async () => {
  const { router, driver, asked, load } = await steering()
  driver.push('/slow')
  await asked()
  driver.replace('/list?q=typed')
  load()
  await vi.waitFor(() => expect(router.currentRoute.value.path).toBe('/slow'))
})

it.each(['/gone', '/list'])('lets the address be changed again after %s led nowhere', async (to) => {
  const { router, driver, unread } = await steering()
  vi.spyOn(console, 'warn').mockReturnValue()
  driver.push('/slow')
  await router.push(to).catch(() => {})
  expect(unread.value).toBe(to === '/gone' ? '/gone' : '')
  driver.replace('/list?q=1')
  await vi.waitFor(() => expect(router.currentRoute.value.fullPath).toBe('/list?q=1'))
})

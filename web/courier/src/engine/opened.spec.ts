import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'

import { useDay, useOpened, useSession } from '.'
import { core } from './core'
import { signIn } from './session'
import { startEngine } from './start'
import { aDelivery, Server } from './testing/world'

/** The page's own engine against the scripted server; a link comes as the browser tells of it. */
let server: Server

beforeEach(async () => {
  setActivePinia(createPinia())
  vi.stubGlobal('setInterval', () => 0)
  server = new Server()
  Object.assign(core(), { net: server.net })
  await Promise.all(core().db.tables.map((table) => table.clear()))
  history.replaceState(null, '', '/')
})
afterEach(() => vi.unstubAllGlobals())

function follow(fragment: string): void {
  history.replaceState(null, '', `/#${fragment}`)
  dispatchEvent(new Event('hashchange'))
}
const becomes = (state: string) => vi.waitFor(() => expect(useOpened().state).toBe(state))
const days = () => server.calls.filter((call) => call.endsWith('/courier/day')).length

async function working(): Promise<void> {
  await signIn(core(), 'ABCD2345')
  await startEngine()
  await useDay().refresh()
}

it('a link is followed at once to an order of his day, and leaves the address', async () => {
  await working()
  server.reachable = false
  follow('delivery=d1')
  expect([useOpened().state, useOpened().id]).toEqual(['found', 'd1'])
  expect(location.hash).toBe('')
})

it('an order that was assigned since is found when the day is read anew', async () => {
  await working()
  server.deliveries = [aDelivery(), aDelivery({ id: 'd2' })]
  follow('delivery=d2')
  expect(useOpened().state).toBe('sought')
  await becomes('found')
})

it('an order that was assigned while an earlier reading was on its way is found all the same', async () => {
  await working()
  const { call } = server.net
  const give: (() => void)[] = []
  Object.assign(core(), { net: { call: async (...given: Parameters<typeof call>) => {
    const answer = await call(...given)
    if (given[1].startsWith('/courier/day')) await new Promise<void>((done) => give.push(done))
    return answer
  } } })
  void useDay().refresh()
  await vi.waitFor(() => expect(give).toHaveLength(1))
  server.deliveries = [aDelivery({ id: 'd2' })]
  follow('delivery=d2')
  await vi.waitFor(() => expect(give).toHaveLength(2))
  for (const one of give) one()
  await becomes('found')
})

it('what the server’s day does not have is missing, and asked for once', async () => {
  await working()
  const before = days()
  follow('delivery=d404')
  await becomes('missing')
  expect(days()).toBe(before + 1)
})

it('without a network the day on the phone decides', async () => {
  await working()
  server.reachable = false
  follow('delivery=d404')
  await becomes('missing')
})

it('nobody being in, the link waits for the login', async () => {
  await startEngine()
  follow('delivery=d1')
  expect(useOpened().state).toBe('sought')
  await useSession().login('ABCD2345')
  expect(useOpened().state).toBe('found')
})

it('a ticket that comes with the link lets in first', async () => {
  await startEngine()
  follow('ticket=T1&delivery=d1')
  await becomes('found')
  expect(useSession().status).toBe('in')
})

it('a ticket that is used up does not keep who is in already from his order', async () => {
  await working()
  server.meddle = (_, path) => (path === '/courier/login' ? { status: 401, body: { error: { code: 'login_code_wrong' } } } : undefined)
  server.deliveries = [aDelivery({ id: 'd2' })]
  follow('ticket=T1&delivery=d2')
  await becomes('found')
  expect(useSession().problem).not.toBeNull()
})

it('an expired entry waits for the login before it says that an order is missing', async () => {
  await working()
  server.tokens.clear()
  server.deliveries = [aDelivery({ id: 'd2' })]
  follow('delivery=d2')
  await vi.waitFor(() => expect(useSession().status).toBe('expired'))
  expect(useOpened().state).toBe('sought')
  await useSession().login('AGAIN234')
  await becomes('found')
})

it('of two links the later one counts', async () => {
  await working()
  follow('delivery=d404')
  follow('delivery=d1')
  expect([useOpened().state, useOpened().id]).toEqual(['found', 'd1'])
  await useDay().refresh()
  expect(useOpened().state).toBe('found')
})

/** Answers, presses, logins, clocks and a second tab in any order, each run from its seed: whatever the order, the same holds. */

import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'

import { useDay, useDrafts, useQueue, useSession } from '.'
import { core } from './core'
import { renewDay } from './daybook'
import { EngineError } from './errors'
import type { Net } from './net'
import { isEmpty, record } from './queue'
import { signIn } from './session'
import { startEngine } from './start'
import { aDelivery, aStep, chanceOf, COURIER, OTHER, Phone, Server } from './testing/world'
import type { DraftStep, NewStep } from './types'

const SEEDS = Number(process.env.POSREDNIK_ORDERS ?? 10)
const TURNS = 60
const DAYS = new Map([[COURIER.ref, ['d1', 'd2', 'd3']], [OTHER.ref, ['d7', 'd8']]])
const TYPES = ['delivery.pick_up', 'delivery.depart', 'delivery.hand_over'] as const

let server: Server
let chance: () => number
let elapsed: number
let skew: number
let timers: { at: number; run: () => void }[]
/** Requests and answers on their way. */
let gates: ((arrives: boolean) => void)[]
/** Recorded and not undone. */
let done: Set<string>
/** What became last of a step of a delivery. */
let last: Map<string, 'written' | 'recorded' | 'undone'>
let codes: number

const now = (): number => Date.parse('2026-11-22T07:00:00Z') + elapsed + skew
const below = (count: number): number => Math.floor(chance() * count)
const turn = (): Promise<void> => new Promise((then) => setImmediate(then))
const gate = async (): Promise<void> => {
  if (!(await new Promise<boolean>((pass) => gates.push(pass)))) throw new EngineError('no_connection')
}
const net: Net = {
  call: async (...given) => {
    await gate()
    const answer = await server.net.call(...given)
    await gate()
    return answer
  },
}

/** One at a time over all tabs, as browsers have it. */
function locks(): Pick<LockManager, 'request'> {
  let last: Promise<unknown> = Promise.resolve()
  const request = (_name: string, work: () => Promise<unknown>): Promise<unknown> => (last = last.catch(() => undefined).then(work))
  return { request } as Pick<LockManager, 'request'>
}

beforeEach(() => {
  setActivePinia(createPinia())
  ;[elapsed, timers] = [0, []]
  const real = setTimeout
  const later = (run: () => void, ms = 0): unknown => (ms < 20 ? real(run, ms) : timers.push({ at: elapsed + ms, run }))
  vi.stubGlobal('setInterval', () => 0) // nobody comes by every minute: each trigger counts
  vi.stubGlobal('setTimeout', later)
  vi.stubGlobal('clearTimeout', (id: number) => timers[id - 1] && (timers[id - 1] = { at: Infinity, run: () => undefined }))
})
afterEach(() => vi.unstubAllGlobals())

async function begin(seed: number): Promise<Phone> {
  ;[server, chance, skew, gates, done, last, codes] = [new Server(), chanceOf(seed), 0, [], new Set(), new Map(), 0]
  for (const [ref, ids] of DAYS) server.days.set(ref, ids.map((id) => aDelivery({ id })))
  Object.defineProperty(navigator, 'locks', { configurable: true, value: locks() })
  Object.assign(core(), { net, now })
  await Promise.all(core().db.tables.map((table) => table.clear()))
  const tab = new Phone(server, 'posrednik-courier')
  Object.assign(tab.core, { net, now })
  return tab
}

/** Time goes on, and with it what waits for its hour. */
function pass(ms: number): void {
  elapsed += ms
  for (const timer of timers.filter(({ at }) => at <= elapsed)) {
    timer.at = Infinity
    timer.run()
  }
}

const quietly = (work: Promise<unknown>): void => void work.catch(() => undefined)

/** A code for one of the two; the second courier comes seldom, since he is kept out while anything is unsent. */
function aCode(of = chance() < 0.7 ? COURIER : OTHER): string {
  codes += 1
  server.codes.set(`CODE${codes}`, of)
  return `CODE${codes}`
}

function aStepOf(ref: string | undefined): NewStep {
  const ids = DAYS.get(ref ?? '') ?? []
  return aStep({ type: TYPES[below(3)] ?? 'delivery.depart', delivery: ids[below(ids.length)] ?? 'd1' })
}

const keyOf = ({ type, delivery }: { type: string; delivery?: string | null }): string => `${delivery} ${type.replace('delivery.', '')}`

/** Through a sheet, as the screens do it: its draft is kept while it is written, and once more too late. */
async function write(): Promise<void> {
  const step = aStepOf(useSession().courier?.ref)
  const [delivery, name] = [step.delivery ?? '', step.type.replace('delivery.', '') as DraftStep]
  const [drafts, key] = [useDrafts(), keyOf(step)]
  last.set(key, 'written')
  await drafts.load(delivery, name)
  await drafts.save(delivery, name, { typed: 1 })
  const id = await useQueue().record(step)
  done.add(id)
  last.set(key, 'recorded')
  await drafts.save(delivery, name, { typed: 2 })
}

async function undo(): Promise<void> {
  const item = useQueue().canUndo
  if (!item || !(await useQueue().undo(item.id))) return
  done.delete(item.id)
  last.set(keyOf(item), 'undone')
}

async function inOtherTab(tab: Phone): Promise<void> {
  const device = await tab.db.get('device')
  const what = below(4)
  const step = aStepOf(device?.courier)
  if (what === 0 && device) done.add(await record(tab.db, step, { now: now(), mono: 1 })) && last.set(keyOf(step), 'recorded')
  else if (what === 1) quietly(tab.sender.send('user'))
  else if (what === 2) quietly(renewDay(tab.core))
  else quietly(signIn(tab.core, aCode()))
}

const ACTS: ((tab: Phone) => unknown)[] = [
  write, write, write, undo, inOtherTab, inOtherTab,
  () => quietly(useQueue().send()),
  () => void useQueue().nudge('quiet'),
  () => void useDay().refresh(chance() < 0.5),
  () => quietly(useSession().login(aCode())),
  () => chance() < 0.3 && quietly(useSession().logout()),
  () => chance() < 0.5 && server.tokens.clear(),
  () => void (server.reachable = chance() < 0.6),
  () => dispatchEvent(new Event('online')),
  () => document.dispatchEvent(new Event('visibilitychange')),
  () => pass(below(9000)),
  () => chance() < 0.3 && (skew += below(60_000) - 40_000),
]

function showsOnlyHisOwn(): void {
  const [day, session] = [useDay(), useSession()]
  if (day.day && session.courier) expect(day.day.courier.ref).toBe(session.courier.ref)
}

async function live(tab: Phone): Promise<void> {
  quietly(useSession().login(aCode(COURIER)))
  await flow(1)
  for (let n = 0; n < TURNS; n += 1) {
    await Promise.resolve(ACTS[below(ACTS.length)]?.(tab)).catch(() => undefined)
    for (let rest = below(12); rest > 0; rest -= 1) await turn()
    for (let open = below(4); open > 0 && gates.length; open -= 1) gates.splice(below(gates.length), 1)[0]?.(chance() < 0.85)
    showsOnlyHisOwn()
  }
}

/** The network is well and stays so; whoever's steps are here is in. Nobody presses anything any more. */
async function calm(): Promise<void> {
  server.reachable = true
  dispatchEvent(new Event('online'))
  await flow(20)
  const device = await core().db.get('device')
  if (useSession().status !== 'in') quietly(useSession().login(aCode(device?.courier === OTHER.ref ? OTHER : COURIER)))
  await flow(60)
}

async function flow(times: number): Promise<void> {
  for (let n = 0; n < times; n += 1) {
    for (let rest = 0; rest < 25; rest += 1) {
      for (const open of gates.splice(0)) open(true)
      await turn()
    }
    pass(1000 * (1 + (n % 10)))
    showsOnlyHisOwn()
  }
}

async function holds(): Promise<void> {
  const { db } = core()
  const [rows, queue, day, session] = [await db.queue.toArray(), useQueue(), useDay(), useSession()]
  const events = [...server.events.values()]
  expect(session.status).toBe('in')
  expect([...server.events.keys()].sort(), 'nothing recorded is lost, nothing undone is sent').toEqual([...done].sort())
  expect(server.changed, 'what is sent again is the same').toEqual([])
  for (const device of new Set(events.map((one) => one.device))) {
    const own = events.filter((one) => one.device === device).map(({ event }) => event).sort((a, b) => a.seq - b.seq)
    expect(own.map((event) => event.seq), 'numbers have no holes').toEqual(own.map((_, index) => index + 1))
    const known = own.filter((event) => rows.some((row) => row.id === event.id))
    const order = (id: string): number => rows.find((row) => row.id === id)?.order ?? 0
    expect(known.map((event) => order(event.id)), 'numbers follow the acts').toEqual(known.map((event) => order(event.id)).sort((a, b) => a - b))
  }
  expect([await isEmpty(db), queue.unsent, queue.sending, day.loading, queue.online]).toEqual([true, 0, false, false, true])
  expect(day.deliveries.map((one) => one.id), 'he sees his own day').toEqual(DAYS.get(session.courier?.ref ?? ''))
  const drafts = (await db.drafts.toArray()).map((one) => `${one.delivery} ${one.step}`)
  expect(drafts.filter((key) => last.get(key) === 'recorded'), 'no sheet of a recorded step comes back').toEqual([])
}

it('holds in every order', async () => {
  let tab = await begin(0)
  await startEngine()
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    tab.db.close()
    tab = await begin(seed)
    try {
      await live(tab)
      await calm()
      await holds()
    } catch (fault) {
      throw new Error(`seed ${seed}: ${fault instanceof Error ? fault.message : String(fault)}`, { cause: fault })
    }
  }
}, 240_000)

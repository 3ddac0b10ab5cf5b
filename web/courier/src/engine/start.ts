/** Wires the engine to the page: what is on the screen follows the database, and the world's events start the work. */

import { liveQuery } from 'dexie'

import { onOpening } from './boot'
import { core } from './core'
import { stored, type QueueRow } from './database'
import { asEngineError } from './errors'
import { useOpened } from './opened'
import { HOLD_MS, release } from './queue'
import { unfinishedLogin } from './session'
import { show, useDay, useQueue, useSession } from './stores'
import { useUpdate } from './update'
import { look, type Look } from './view'

const SEND_MS = 20_000
const DAY_MS = 60_000
const RECONNECT_MS = 1_000
const AGAIN_MS = 1_000

const isVisible = (): boolean => document.visibilityState !== 'hidden'

/** Call once, after Pinia is there. Resolves when the first look is on the screen. */
export async function startEngine(): Promise<void> {
  try {
    const seen = await stored(core().db, () => look(core().db))
    taken(seen)
  } catch (fault) {
    useQueue().trouble = asEngineError(fault)
    useSession().status = 'out'
  }
  follow()
  listen()
  letIn()
  watchUpdates()
}

let holdTimer: ReturnType<typeof setTimeout> | undefined
let held: QueueRow[] = []

function taken(seen: Look): void {
  show(seen)
  held = seen.rows.filter((row) => row.state === 'held')
  awaitHold()
}

/** The oldest one decides: younger steps get no number before it, even if their own hold is over. least: ms until then. */
function awaitHold(least = 0): void {
  clearTimeout(holdTimer)
  const [first] = held
  if (first) holdTimer = setTimeout(releaseDue, Math.min(HOLD_MS, Math.max(least, (first.held_until ?? 0) - core().now())) + 20)
}

function releaseDue(): void {
  release(core().db, core().now())
    .then((numbered) => {
      if (!numbered) awaitHold(AGAIN_MS) // the clock was moved back: nothing changes that would call `taken`
      return useQueue().nudge('quiet')
    })
    .catch((fault: unknown) => (useQueue().trouble = asEngineError(fault)))
}

/** Changes of other tabs come this way too. A connection that the system has closed is opened anew. */
function follow(): void {
  const { db } = core()
  liveQuery(() => look(db)).subscribe({
    next: taken,
    error: () => {
      stored(db, () => look(db)).then(taken, (fault: unknown) => (useQueue().trouble = asEngineError(fault)))
      setTimeout(follow, RECONNECT_MS)
    },
  })
}

function listen(): void {
  const [queue, day] = [useQueue(), useDay()]
  const awake = (): void => {
    if (!isVisible()) return
    releaseDue()
    void day.refresh(true)
  }
  addEventListener('online', () => {
    queue.online = true
    void queue.nudge('online')
    void day.refresh(true) // what was asked over the network that is gone may hang for long
  })
  addEventListener('offline', () => (queue.online = false))
  // Back from where the browser kept the page; the first showing is below.
  addEventListener('pageshow', ({ persisted }) => persisted && awake())
  document.addEventListener('visibilitychange', awake)
  setInterval(() => isVisible() && void queue.nudge('quiet'), SEND_MS)
  setInterval(() => isVisible() && void day.refresh(), DAY_MS)
  if (isVisible()) releaseDue()
}

function letIn(): void {
  const [session, opened] = [useSession(), useOpened()]
  const enter = (code: string): Promise<unknown> => session.login(code).catch((fault: unknown) => (session.problem = asEngineError(fault)))
  let linked = false
  onOpening(({ entry, delivery }) => {
    linked ||= entry !== null
    const entering = entry === null ? Promise.resolve() : enter(entry)
    if (delivery) opened.seek(delivery, entering)
  })
  if (linked) return
  void unfinishedLogin(core()).then((code) => code && enter(code), () => undefined)
}

function watchUpdates(): void {
  const container = navigator.serviceWorker as ServiceWorkerContainer | undefined
  if (!container || import.meta.env.DEV) return
  // Without a worker (a frame of the portal, a private window) everything works but a start without a network.
  void useUpdate()
    .watch(container)
    .catch(() => undefined)
  // A page that was open over an update asks for parts that are gone: its drafts are kept, the new page has them.
  addEventListener('vite:preloadError', () => location.reload())
}

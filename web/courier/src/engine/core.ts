/** What the parts of the engine work with; tests put a scripted server and their own clock here. */

import { withOffset } from './clock'
import { Database } from './database'
import { createNet, type Net } from './net'

export interface Core {
  db: Database
  net: Net
  now(): number
  mono(): number
  /** Of the application; goes with every request of events. */
  version: string
}

declare const __APP_VERSION__: string

let only: Core | null = null

/** The engine of this page. */
export function core(): Core {
  only ??= makeCore(new Database())
  return only
}

function makeCore(db: Database): Core {
  const learn = (offset: number): void => {
    const kept = db.whole(async () => db.put('clock', withOffset((await db.get('clock')) ?? [], offset)))
    kept.catch(() => undefined) // the next answer tells the time again
  }
  return { db, net: createNet(learn), now: () => Date.now(), mono: () => performance.now(), version: __APP_VERSION__ }
}

import { describe, expect, it } from 'vitest'

import { Database } from './database'
import type { Net } from './net'
import { compressPhoto } from './photos'
import { HOLD_MS, record } from './queue'
import { expire, openingOf, signIn, signOut, statusOf, takeOpening, unfinishedLogin } from './session'
import { aPhone, aPicture, aStep, COURIER, OTHER, Phone, Server } from './testing/world'

const act = (phone: Phone): Promise<string> => record(phone.db, aStep(), { now: phone.now, mono: 1 })

describe('an opening in the address', () => {
  it.each([
    ['#code=ABCD2345', 'ABCD2345', null],
    ['#ticket=T1&delivery=d1', 'T1', 'd1'],
    ['#delivery=d1', null, 'd1'],
    ['#/orders', null, null],
    ['#/order/d1', null, null],
    ['', null, null],
  ])('%s brings %s and %s', (hash, entry, delivery) => expect(openingOf(hash)).toEqual({ entry, delivery }))
})

it('an opening leaves the address at once, and the portal’s door becomes the application’s address', () => {
  history.replaceState(null, '', '/open/chat#ticket=T1&delivery=d1')
  expect(takeOpening()).toEqual({ entry: 'T1', delivery: 'd1' })
  expect(location.pathname + location.hash).toBe('/')
  history.replaceState(null, '', '/#delivery=%3Cb%3E')
  expect(takeOpening()).toEqual({ entry: null, delivery: '<b>' })
  expect(location.pathname + location.hash).toBe('/')
  history.replaceState(null, '', '/#/orders/d1')
  expect(takeOpening()).toBeNull()
  expect(location.pathname + location.hash).toBe('/#/orders/d1')
})

describe('login', () => {
  it('keeps the token in the database, with a new device whose numbers start at 1', async () => {
    const phone = await aPhone()
    expect(await phone.db.get('session')).toMatchObject({ token: 'token-1', courier: COURIER, entry: 'code' })
    expect(await phone.db.get('device')).toMatchObject({ courier: COURIER.ref, next_seq: 1 })
  })

  it('goes on under the same key after a lost answer, also after a kill', async () => {
    const phone = new Phone()
    phone.server.losing = 1
    await expect(signIn(phone.core, 'ABCD2345')).rejects.toMatchObject({ code: 'no_connection' })
    expect(await unfinishedLogin(phone.killed().core)).toBe('ABCD2345')
    await signIn(phone.core, ' ABCD2345 ')
    expect(statusOf(await phone.db.get('session'))).toBe('in')
    expect(await unfinishedLogin(phone.core)).toBeNull()
  })

  it('with a wrong code says so and forgets the try', async () => {
    const phone = new Phone()
    await expect(signIn(phone.core, 'WRONG234')).rejects.toMatchObject({ code: 'login_code_wrong' })
    expect(await unfinishedLogin(phone.core)).toBeNull()
    expect(statusOf(await phone.db.get('session'))).toBe('out')
  })

  it('of another courier is refused while the first one has something unsent, and changes nothing', async () => {
    const phone = await aPhone()
    await act(phone)
    phone.server.courier = OTHER
    await expect(signIn(phone.core, 'OTHER234')).rejects.toMatchObject({ code: 'queue_not_empty' })
    expect((await phone.db.get('session'))?.courier).toEqual(COURIER)
    expect(await phone.rows()).toHaveLength(1)
  })

  it('of another courier on an empty phone starts a new device and leaves nothing of the first one to see', async () => {
    const phone = await aPhone()
    await compressPhoto(new Blob(), phone.core, async () => ({ content: aPicture('x'), thumb: aPicture('x'), width: 1, height: 1 }))
    const before = await phone.db.get('device')
    phone.server.courier = OTHER
    await signIn(phone.core, 'OTHER234')
    const after = await phone.db.get('device')
    expect(after).toMatchObject({ courier: OTHER.ref, next_seq: 1 })
    expect(after?.id).not.toBe(before?.id)
    expect([await phone.db.photos.count(), await phone.db.thumbs.count()]).toEqual([0, 0])
  })
})

it('a login does not cost its code, before whichever of its writes the page is killed', async () => {
  for (let writes = 0; writes < 4; writes += 1) {
    const phone = new Phone()
    let left = writes
    phone.db.whole = (work) => (left-- > 0 ? Database.prototype.whole.call(phone.db, work) as ReturnType<typeof work> : Promise.reject(new Error('killed')))
    await signIn(phone.core, 'ABCD2345').catch(() => undefined)
    phone.killed()
    if (statusOf(await phone.db.get('session')) !== 'in') await signIn(phone.core, 'ABCD2345')
    expect(statusOf(await phone.db.get('session'))).toBe('in')
    expect(await unfinishedLogin(phone.core)).toBeNull()
  }
})

it('a try to log in whose answer comes late does not end another one that was begun meanwhile', async () => {
  const phone = new Phone()
  const { call } = phone.core.net
  const net: Net = { call: async (...given) => {
    phone.server.losing = 1
    await signIn(phone.core, 'SECOND23').catch(() => undefined)
    return call(...given)
  } }
  await signIn({ ...phone.core, net }, 'FIRST234')
  expect(await unfinishedLogin(phone.core)).toBe('SECOND23')
})

it('of two tries to log in the later one counts, in whichever order they are answered', async () => {
  const phone = await aPhone()
  const { call } = phone.core.net
  const net: Net = { call: async (...given) => {
    const answer = await call(...given)
    await signIn(phone.core, 'LATER234')
    return answer
  } }
  await signIn({ ...phone.core, net }, 'EARLY234')
  const token = (await phone.db.get('session'))?.token
  expect([token, phone.server.tokens.has(token ?? '')]).toEqual(['token-3', true])
  await signIn(phone.core, 'AGAIN234')
  expect((await phone.db.get('session'))?.token).toBe('token-4')
})

describe('logout', () => {
  it('is refused while a step is held or waits', async () => {
    const phone = await aPhone()
    await act(phone)
    await expect(signOut(phone.core)).rejects.toMatchObject({ code: 'queue_not_empty' })
    phone.later(HOLD_MS)
    await expect(signOut(phone.core)).rejects.toMatchObject({ code: 'queue_not_empty' })
    expect(statusOf(await phone.db.get('session'))).toBe('in')
  })

  it('keeps device and counter for the same courier', async () => {
    const phone = await aPhone()
    await act(phone)
    await phone.later(HOLD_MS).sender.send('user')
    await signOut(phone.core)
    expect(statusOf(await phone.db.get('session'))).toBe('out')
    await signIn(phone.core, 'AGAIN234')
    await act(phone)
    await phone.later(HOLD_MS).sender.send('user')
    expect(phone.server.seqs()).toEqual([1, 2])
  })
})

it('an expired login keeps courier, device and queue', async () => {
  const phone = await aPhone(new Server())
  await act(phone)
  await expire(phone.db, 'token-1')
  const session = await phone.db.get('session')
  expect(statusOf(session)).toBe('expired')
  expect(session?.courier).toEqual(COURIER)
  expect(await phone.rows()).toHaveLength(1)
})

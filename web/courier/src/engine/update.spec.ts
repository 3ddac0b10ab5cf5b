import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, expect, it, vi } from 'vitest'

import { useUpdate } from './update'

class Worker extends EventTarget {
  state = 'installing'
  postMessage = vi.fn()
  becomes(state: string): void {
    this.state = state
    this.dispatchEvent(new Event('statechange'))
  }
}
class Registration extends EventTarget {
  installing: Worker | null = null
  waiting: Worker | null = null
  update = () => Promise.resolve()
}
class Container extends EventTarget {
  controller: object | null = {}
  registration = new Registration()
  register = () => Promise.resolve(this.registration)
}

let container: Container
beforeEach(() => {
  setActivePinia(createPinia())
  vi.stubGlobal('setInterval', () => 0)
  container = new Container()
})
const watched = (): Promise<void> => useUpdate().watch(container as unknown as ServiceWorkerContainer)

it('a new version that was found before the page listened is offered when it is installed', async () => {
  const worker = (container.registration.installing = new Worker())
  await watched()
  expect(useUpdate().ready).toBe(false)
  worker.becomes('installed')
  expect(useUpdate().ready).toBe(true)
  useUpdate().apply()
  expect(worker.postMessage).toHaveBeenCalledWith('apply')
})

it('so is one that is found later, and one that waits already', async () => {
  await watched()
  const worker = (container.registration.installing = new Worker())
  container.registration.dispatchEvent(new Event('updatefound'))
  worker.becomes('installed')
  expect(useUpdate().ready).toBe(true)
  setActivePinia(createPinia())
  container.registration = new Registration()
  container.registration.waiting = new Worker()
  await watched()
  expect(useUpdate().ready).toBe(true)
})

it('the first version of all is nothing new', async () => {
  container.controller = null
  const worker = (container.registration.installing = new Worker())
  await watched()
  worker.becomes('installed')
  expect(useUpdate().ready).toBe(false)
})

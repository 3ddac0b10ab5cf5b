/** A new version of the application waits until the courier agrees: nothing is pulled from under an open sheet. */

import { defineStore } from 'pinia'
import { ref } from 'vue'

const LOOK_MS = 60 * 60_000

export const useUpdate = defineStore('update', () => {
  const ready = ref(false)
  let waiting: ServiceWorker | null = null
  let agreed = false

  /** Another tab may have agreed for all: then there is nothing to wake, the page only has to be loaded anew. */
  function apply(): void {
    agreed = true
    if (waiting) waiting.postMessage('apply')
    else location.reload()
  }

  function offer(worker: ServiceWorker | null): void {
    waiting = worker
    ready.value = true
  }

  async function watch(container: ServiceWorkerContainer): Promise<void> {
    let served = Boolean(container.controller)
    container.addEventListener('controllerchange', () => {
      if (agreed) location.reload()
      else if (served) offer(null)
      served = true
    })
    const home = import.meta.env.BASE_URL
    const registration = await container.register(`${home}sw.js`, { scope: home, updateViaCache: 'none' })
    if (registration.waiting && container.controller) offer(registration.waiting)
    const follow = (): void => {
      const worker = registration.installing
      worker?.addEventListener('statechange', () => {
        if (worker.state === 'installed' && container.controller) offer(worker)
      })
    }
    follow() // one that was found before we listened
    registration.addEventListener('updatefound', follow)
    setInterval(() => void registration.update().catch(() => undefined), LOOK_MS)
  }

  return { ready, apply, watch }
})

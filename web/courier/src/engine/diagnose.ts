/** What a courier reads to the support by phone. */

import { median } from './clock'
import { core } from './core'
import { stored } from './database'
import type { Diagnosis } from './types'

export async function diagnose({ db, version } = core()): Promise<Diagnosis> {
  const storage = navigator.storage as StorageManager | undefined
  const estimate = await storage?.estimate?.()
  const [device, offsets] = await stored(db, async () => [await db.get('device'), await db.get('clock')] as const)
  return {
    version,
    camera: await permission('camera'),
    position: await permission('geolocation'),
    storage: { persisted: (await storage?.persisted?.()) ?? false, used: estimate?.usage ?? 0, quota: estimate?.quota ?? 0 },
    worker: await workerVersion(),
    clock_offset_ms: median(offsets ?? []),
    device: device?.id ?? '',
  }
}

/** granted, denied, prompt; "unknown" where the browser does not say. */
async function permission(name: string): Promise<string> {
  try {
    return (await navigator.permissions.query({ name: name as PermissionName })).state
  } catch {
    return 'unknown'
  }
}

const ANSWER_MS = 1_000

/** The version of the service worker that serves this page; "none" without one. */
async function workerVersion(): Promise<string> {
  const controller = (navigator.serviceWorker as ServiceWorkerContainer | undefined)?.controller
  if (!controller) return 'none'
  return new Promise((done) => {
    const { port1, port2 } = new MessageChannel()
    const limit = setTimeout(() => done('silent'), ANSWER_MS)
    port1.onmessage = ({ data }) => {
      clearTimeout(limit)
      done(String(data))
    }
    controller.postMessage('version', [port2])
  })
}

/** Photos on the phone: made small, named by their hash, kept until the server says that it has them. */

import { core } from './core'
import { stored } from './database'
import { EngineError } from './errors'
import { encode, type Encoded } from './picture'
import type { WorkerAnswer } from './picture.worker'
import type { Photo } from './types'

const JPEG = 'image/jpeg'
const WORKER_MS = 30_000

/** Stored when it resolves. Raises photo_unreadable, storage_full, storage_broken. */
export async function compressPhoto(file: Blob, { db, now } = core(), encoder = encodeAside): Promise<Photo> {
  const { content, thumb, width, height } = await encoder(file).catch((): never => {
    throw new EngineError('photo_unreadable')
  })
  const sha256 = hex(await crypto.subtle.digest('SHA-256', content))
  const row = { sha256, type: JPEG, content, bytes: content.byteLength, width, height, taken_at: now(), state: 'draft' as const }
  await db.whole(async () => {
    // The same picture again keeps its place: it may be bound to a step already.
    if (!(await db.photos.get(sha256))) await db.photos.add(row)
    await db.thumbs.put({ sha256, type: JPEG, content: thumb, at: now() })
  })
  return { sha256, bytes: row.bytes, width, height, taken_at: new Date(now()).toISOString(), url: urlOf(thumb) }
}

/** Object URL of the thumbnail, for three days; null when there is none here (another phone took it). */
export async function photoUrl(sha256: string, { db } = core()): Promise<string | null> {
  const thumb = await stored(db, () => db.thumbs.get(sha256))
  return thumb ? urlOf(thumb.content) : null
}

const urlOf = (content: ArrayBuffer): string => URL.createObjectURL(new Blob([content], { type: JPEG }))
const hex = (digest: ArrayBuffer): string => Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('')

/** In a worker, so that the screen stays alive for the seconds it takes; in the page when a worker cannot or dies. */
async function encodeAside(file: Blob): Promise<Encoded> {
  if (typeof Worker === 'undefined' || typeof OffscreenCanvas === 'undefined') return encode(file)
  const worker = new Worker(new URL('./picture.worker.ts', import.meta.url), { type: 'module' })
  try {
    return await encodedBy(worker, file)
  } catch {
    return await encode(file)
  } finally {
    worker.terminate()
  }
}

const encodedBy = (worker: Worker, file: Blob): Promise<Encoded> =>
  new Promise((done, fail) => {
    const limit = setTimeout(() => fail(new Error('too slow')), WORKER_MS)
    worker.onerror = () => fail(new Error('no worker'))
    worker.onmessage = ({ data }: MessageEvent<WorkerAnswer>) => {
      clearTimeout(limit)
      if ('encoded' in data) done(data.encoded)
      else fail(new Error(data.fault))
    }
    worker.postMessage(file)
  })

import { ApiError } from '@shared/api/errors'
import { putPhoto } from '@shared/api/photos'
import type { Action, ActionBody } from '@shared/api/types'
import { smallPicture, type SmallPicture } from '@shared/kit/picture'
import { sha256 } from '@shared/kit/sha256'
import { onScopeDispose, ref, shallowRef, type InjectionKey } from 'vue'

import { t } from './words'

export interface Attached {
  sha256: string
  jpeg: Blob
  /** Of this page only, for the thumbnail. */
  url: string
  sent: boolean
}

export interface Wanted {
  photo: boolean
  code: boolean
}

export type Proofs = ReturnType<typeof useProofs>
export const PROOFS: InjectionKey<Proofs> = Symbol('proofs')

/** The service takes 20; a person at a desk needs no more than these. */
export const MOST_PHOTOS = 5
const NOTHING: Wanted = { photo: false, code: false }

/** What a division has asked for since the page was opened, so that the next form asks at once. */
const learned = new Map<string, Wanted>()

/** What the refusal names as missing, as far as this form can give it. */
export function wantedBy(fault: unknown): Wanted | null {
  if (!(fault instanceof ApiError) || fault.code !== 'proof_missing') return null
  const missing = fault.problem.proofs ?? []
  const wanted = { photo: missing.includes('photo'), code: missing.includes('code') }
  return wanted.photo || wanted.code ? wanted : null
}

/** Photos and the recipient's code for one step: made small here, sent before the step that names them. */
export function useProofs(shrink: (file: Blob) => Promise<SmallPicture> = smallPicture) {
  const photos = shallowRef<Attached[]>([])
  const code = ref('')
  const fault = ref('')
  const preparing = ref(0)
  const wanted = ref<Wanted>(NOTHING)
  let working: Promise<unknown> = Promise.resolve()
  /** Of which step the photos are: one that is made small while another step begins belongs to none any more. */
  let step = 0

  async function prepare(file: Blob, of: number): Promise<void> {
    if (of !== step) return
    preparing.value += 1
    try {
      const { jpeg } = await shrink(file)
      const name = await sha256(await jpeg.arrayBuffer())
      if (of !== step) return
      if (photos.value.some((one) => one.sha256 === name)) return
      if (photos.value.length >= MOST_PHOTOS) fault.value = t.proof.most(MOST_PHOTOS)
      else photos.value = [...photos.value, { sha256: name, jpeg, url: URL.createObjectURL(jpeg), sent: false }]
    } catch {
      if (of === step) fault.value = t.proof.unreadable
    } finally {
      preparing.value -= 1
    }
  }

  function add(files: Iterable<Blob>): void {
    fault.value = ''
    const of = step
    for (const file of files) working = working.then(() => prepare(file, of))
  }

  function remove(name: string): void {
    fault.value = ''
    for (const one of photos.value) if (one.sha256 === name) URL.revokeObjectURL(one.url)
    photos.value = photos.value.filter((one) => one.sha256 !== name)
  }

  /** For the form of this action: nothing attached yet, and what its division is known to ask. */
  function start(action: Action, division: string): void {
    clear()
    wanted.value = learned.get(`${division} ${action}`) ?? NOTHING
  }

  function clear(): void {
    step += 1
    for (const one of photos.value) URL.revokeObjectURL(one.url)
    ;[photos.value, code.value, fault.value] = [[], '', '']
  }

  /** What belongs to a press, and stays with it however often it is repeated. */
  async function taken(): Promise<{ facts: Pick<ActionBody, 'photos' | 'code'>; send: () => Promise<void> }> {
    await working
    const [shots, said] = [photos.value, code.value.trim()]
    return {
      facts: { ...(shots.length ? { photos: shots.map((one) => one.sha256) } : {}), ...(said ? { code: said } : {}) },
      send: async () => {
        for (const one of shots.filter((shot) => !shot.sent)) {
          await putPhoto(one.sha256, one.jpeg)
          one.sent = true
        }
      },
    }
  }

  /** From a refusal: true if it asks for what this form can give. */
  function learn(refusal: unknown, action: Action, division: string): boolean {
    const asked = wantedBy(refusal)
    if (!asked) return false
    wanted.value = { photo: asked.photo || wanted.value.photo, code: asked.code || wanted.value.code }
    learned.set(`${division} ${action}`, wanted.value)
    return true
  }

  onScopeDispose(clear)
  return { photos, code, fault, preparing, wanted, add, remove, start, clear, taken, learn, asks: (action: Action, division: string) => learned.has(`${division} ${action}`) }
}

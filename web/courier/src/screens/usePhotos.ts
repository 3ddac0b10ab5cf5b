import { compressPhoto, photoUrl } from '@courier/engine'
import { onScopeDispose, ref } from 'vue'

export interface Shot {
  sha256: string
  url: string | null
}

/** Photos of a step: on the phone's disk before they are shown. keep: that they belong to the step, on the disk too. */
export function usePhotos(keep: (sha256: string) => Promise<void>) {
  const shots = ref<Shot[]>([])
  const busy = ref(false)
  const problem = ref<unknown>(null)
  let adding: Promise<void> = Promise.resolve()
  let gone = false

  const add = (file: Blob): Promise<void> => (adding = added(file))

  async function added(file: Blob): Promise<void> {
    busy.value = true
    problem.value = null
    try {
      const photo = await compressPhoto(file)
      if (shots.value.some((one) => one.sha256 === photo.sha256)) return URL.revokeObjectURL(photo.url)
      await keep(photo.sha256)
      if (gone) return URL.revokeObjectURL(photo.url)
      shots.value.push({ sha256: photo.sha256, url: photo.url })
    } catch (fault) {
      problem.value = fault
    } finally {
      busy.value = false
    }
  }

  function remove(sha256: string): void {
    release(shots.value.filter((one) => one.sha256 === sha256))
    shots.value = shots.value.filter((one) => one.sha256 !== sha256)
  }

  async function restore(hashes: readonly string[]): Promise<void> {
    shots.value = await Promise.all(hashes.map(async (sha256) => ({ sha256, url: await photoUrl(sha256).catch(() => null) })))
  }

  onScopeDispose(() => {
    gone = true
    release(shots.value)
  })
  /** settled: the picture that was taken is here, or it is said why not. */
  return { shots, busy, problem, add, remove, restore, settled: () => adding }
}

function release(shots: readonly Shot[]): void {
  for (const { url } of shots) if (url) URL.revokeObjectURL(url)
}

export type Photos = ReturnType<typeof usePhotos>

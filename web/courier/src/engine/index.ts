/** The engine's public face: what the screens use. Nothing else of this folder is imported from outside. */

export * from './types'
export { EngineError } from './errors'
export { useDay, useQueue, useSession } from './stores'
export { useOpened } from './opened'
export { useDrafts, type Drafts } from './drafts'
export { useUpdate } from './update'
export { compressPhoto, photoUrl } from './photos'
export { distanceM, locate } from './place'
export { diagnose } from './diagnose'
export { startEngine } from './start'

import { call } from './client'

/** Safe to repeat: the name of a photo is the SHA-256 of its bytes. */
export const putPhoto = (sha256: string, jpeg: Blob): Promise<{ sha256: string }> =>
  call('PUT', `/api/v1/photos/${sha256}`, { content: jpeg })

import { t } from '@courier/words'

export interface Unsent {
  unsent: number
  photos_unsent: number
  attention: number
}

/** What the server did not accept: «1 шаг не принят»; empty = nothing. */
export const refusedWords = (queue: Unsent): string => (queue.attention ? t('net.attention', { n: queue.attention }) : '')

/** «3 не отправлено, 2 фото»; empty = all is sent. */
export function waitingWords(queue: Unsent): string {
  const photos = queue.photos_unsent ? t('net.unsentPhotos', { n: queue.photos_unsent }) : ''
  if (!queue.unsent) return photos && t('net.unsent', { n: photos })
  return [t('net.unsent', { n: queue.unsent }), photos].filter(Boolean).join(', ')
}

export const unsentWords = (queue: Unsent): string => [refusedWords(queue), waitingWords(queue)].filter(Boolean).join(', ') || t('net.allSent')

import { t } from '@courier/words'

export interface Unsent {
  unsent: number
  photos_unsent: number
  attention: number
}

/** «Всё отправлено», «3 не отправлено, 2 фото», «Требует внимания: 1». */
export function unsentWords(queue: Unsent): string {
  if (queue.attention) return t('net.attention', { n: queue.attention })
  const photos = queue.photos_unsent ? t('net.unsentPhotos', { n: queue.photos_unsent }) : ''
  if (queue.unsent) return [t('net.unsent', { n: queue.unsent }), photos].filter(Boolean).join(', ')
  return photos ? t('net.unsent', { n: photos }) : t('net.allSent')
}

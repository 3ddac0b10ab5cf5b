/** The browser's offer to put the application on the home screen; it comes once, early, and must be caught. */

import { ref } from 'vue'

interface InstallOffer extends Event {
  prompt: () => Promise<unknown>
}

const offer = ref<InstallOffer | null>(null)

export function catchOffer(): void {
  addEventListener('beforeinstallprompt', (event) => {
    event.preventDefault()
    offer.value = event as InstallOffer
  })
  addEventListener('appinstalled', () => (offer.value = null))
}

export async function install(): Promise<void> {
  await offer.value?.prompt()
  offer.value = null
}

export const installed = (): boolean => matchMedia('(display-mode: standalone)').matches
export const apple = (): boolean => /iPhone|iPad/.test(navigator.userAgent)
export { offer }

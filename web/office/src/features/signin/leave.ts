/** «Выйти»: the session ends at the service too, and here even when there is no answer. */

import { signOut } from '@shared/api/session'
import { forgetToken } from '@shared/kit/session'

export async function leave(): Promise<void> {
  try {
    await signOut()
  } catch {
    // Without a network the session ends by itself after twelve hours.
  } finally {
    forgetToken()
  }
}

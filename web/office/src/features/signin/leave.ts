/** «Выйти»: the session ends at the service too, and here at once, even when there is no answer. */

import { signOut } from '@shared/api/session'
import { forgetToken } from '@shared/kit/session'

export async function leave(): Promise<void> {
  const gone = signOut()
  // Not after the answer: by then somebody else may have come in here.
  forgetToken()
  try {
    await gone
  } catch {
    return // without a network the session ends by itself after twelve hours
  }
}

/** The sign-in step by step: the service says what more it wants. */

import { ApiError } from '@shared/api/errors'
import { signIn, signInByTicket, type SignedIn } from '@shared/api/session'
import { setToken, token } from '@shared/kit/session'
import { faultText, type FaultText } from '@shared/words/faults'
import { reactive, ref, shallowRef } from 'vue'

import { t } from './words'

export function useSignIn() {
  const typed = reactive({ login: '', password: '', code: '', newPassword: '', again: '' })
  const wants = reactive({ code: false, newPassword: false })
  const busy = ref(false)
  const fault = shallowRef<FaultText | null>(null)
  /** Not a fault: what the service asks for next. */
  const said = ref('')

  const wrong = (text: string): void => void (fault.value = { title: '', text })

  function unready(): string {
    if (!typed.login.trim() || !typed.password) return t.empty
    return wants.newPassword && typed.newPassword !== typed.again ? t.differ : ''
  }

  async function send(call: () => Promise<SignedIn>): Promise<void> {
    if (busy.value) return
    ;[busy.value, fault.value, said.value] = [true, null, '']
    try {
      const found = await call()
      // By a key or a link he has come in meanwhile, perhaps as another one.
      if (token.value === null) setToken(found.token)
    } catch (error) {
      told(error)
    } finally {
      busy.value = false
    }
  }

  function told(error: unknown): void {
    const code = error instanceof ApiError ? error.code : ''
    if (code === 'sign_in_code_wanted') wants.code = true
    else if (code === 'sign_in_new_password_wanted') wants.newPassword = true
    else return void (fault.value = faultText(error))
    said.value = faultText(error).text
  }

  function enter(): Promise<void> {
    const missing = unready()
    if (missing) return Promise.resolve(wrong(missing))
    return send(() => signIn({
      login: typed.login.trim(), password: typed.password,
      ...(wants.code ? { code: typed.code } : {}), ...(wants.newPassword ? { new_password: typed.newPassword } : {}),
    }))
  }

  function anew(): void {
    Object.assign(typed, { password: '', code: '', newPassword: '', again: '' })
    Object.assign(wants, { code: false, newPassword: false })
    ;[fault.value, said.value] = [null, '']
  }

  return { typed, wants, busy, fault, said, enter, anew, byTicket: (ticket: string) => send(() => signInByTicket(ticket)) }
}

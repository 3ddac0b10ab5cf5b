/** All specs share one page. What a test changes of it is put back here; what it must stop by itself is reported. */

import { language } from '@shared/kit/i18n'
import { forgetToken } from '@shared/kit/session'
import { beforeEach, expect, vi, type TestContext } from 'vitest'

// Comes after every `afterEach` of a spec, one that fails too.
beforeEach((test) => test.onTestFinished(() => putBack(test)))

function putBack({ task }: TestContext): void {
  const left = { elements: document.body.innerHTML, fakeClock: vi.isFakeTimers() }
  vi.useRealTimers()
  vi.unstubAllGlobals()
  document.body.replaceChildren()
  forgetToken()
  language.value = 'ru'
  localStorage.clear()
  sessionStorage.clear()
  history.replaceState(null, '', '/')
  dispatchEvent(new PopStateEvent('popstate', { state: null }))
  // A screen that is not closed goes on working under the tests that follow.
  if (task.result?.state !== 'fail') expect(left, 'left behind by this test').toEqual({ elements: '', fakeClock: false })
}

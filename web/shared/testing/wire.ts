import { vi } from 'vitest'

/** A call that waits for its answer, so that a test decides what comes when. */
export interface Call {
  method: string
  path: string
  body: unknown
  /** The key of its press; null: it only reads. */
  key: string | null
  answer: (body: unknown, status?: number) => void
  /** No answer came. */
  lose: () => void
}

/** All that is asked from now on, in its order. `known` answers at once what it has a value for; the rest is held. */
export function wire(known: (call: Call) => unknown = () => undefined): Call[] {
  const calls: Call[] = []
  vi.stubGlobal('fetch', vi.fn<typeof fetch>((to, init) => new Promise((done, fail) => {
    const call: Call = {
      method: init?.method ?? 'GET', path: String(to as string), body: typeof init?.body === 'string' ? JSON.parse(init.body) : null,
      key: new Headers(init?.headers).get('idempotency-key'),
      answer: (body, status = 200) => done(new Response(JSON.stringify(body), { status })), lose: () => fail(new TypeError('no network')),
    }
    init?.signal?.addEventListener('abort', () => fail(new DOMException('left', 'AbortError')))
    calls.push(call)
    const at = known(call)
    if (at !== undefined) call.answer(at)
  })))
  return calls
}

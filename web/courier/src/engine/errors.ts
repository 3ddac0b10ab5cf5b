/**
 * What the engine says no with. `code` is the server's, or one of its own:
 *
 * storage_broken     the phone's database does not answer even after reopening: the step is NOT recorded
 * storage_full       no room on the phone: the step or photo is NOT recorded
 * photo_unreadable   the file is no picture that this browser can read
 * queue_not_empty    something here is not sent yet: no logout, no other courier
 * no_connection      the service was not reached
 * signed_out         there is no courier here
 * gap                the server lacks an event that this phone no longer has
 */
export class EngineError extends Error {
  readonly code: string
  readonly detail: string
  readonly retryAfterMs: number | null

  constructor(code: string, detail = '', retryAfterMs: number | null = null) {
    super(detail ? `${code}: ${detail}` : code)
    this.name = 'EngineError'
    this.code = code
    this.detail = detail
    this.retryAfterMs = retryAfterMs
  }
}

export const asEngineError = (fault: unknown): EngineError =>
  fault instanceof EngineError ? fault : new EngineError('unexpected', fault instanceof Error ? fault.message : String(fault))

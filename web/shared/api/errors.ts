/**
 * Why a call brought no result.
 *
 * ApiError   the service answered and said no (RFC 9457)
 * NoAnswer   no whole answer came: for a writing call it is not known whether it took effect
 */

export interface Problem {
  status: number
  code: string
  title: string
  detail: string
  errors?: { pointer: string; detail: string }[]
  /** Of `proof_missing`: what is missing. */
  proofs?: string[]
}

export class ApiError extends Error {
  constructor(
    readonly problem: Problem,
    readonly retryAfterS: number | null = null,
  ) {
    super(problem.detail || problem.title)
    this.name = 'ApiError'
  }
  get status(): number {
    return this.problem.status
  }
  get code(): string {
    return this.problem.code
  }
}

export class NoAnswer extends Error {
  constructor(readonly offline: boolean) {
    super('no answer')
    this.name = 'NoAnswer'
  }
}

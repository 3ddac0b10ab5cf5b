/** Words for what the engine names. */

import { EngineError, type EventType, type Proof, type Rules, type StepName } from '@courier/engine'
import { known, t, type Key } from '@courier/words'
import { language } from '@shared/kit/i18n'

export const doneTitle = (type: EventType): string => t(`done.${type.replace('.', '_')}` as Key)
export const stepOf = (type: EventType): StepName | null => (type.startsWith('delivery.') ? (type.slice(9) as StepName) : null)
export const proofNames = (proofs: readonly Proof[]): string => proofs.map((one) => t(`proof.${one}`)).join(', ')
export const paymentName = (method: string): string => known('money.payments', method) ?? method

/** The engine's own word for what nobody foresaw: its detail says nothing to a courier. */
const UNEXPECTED = 'unexpected'

/** What is wrong, what it means, what to do; the server's own words where it has some. */
export function problemText(fault: unknown): string {
  if (!(fault instanceof EngineError) || fault.code === UNEXPECTED) return t('problem.unknown')
  return known('problem', fault.code) ?? (fault.detail || t('problem.unknown'))
}

export function reasonTitle(rules: Rules | null, code: string): string {
  const reason = rules?.reasons.find((one) => one.code === code)
  const text = reason?.title[language.value] ?? code
  return text.charAt(0).toUpperCase() + text.slice(1)
}

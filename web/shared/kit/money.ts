/** Money is whole kopecks until it is shown; the API speaks of rubles with two digits ("2450.00"). */

const THIN = '\u202f'

/** Rubles as a person or the API writes them ("2 450,50") in kopecks; null when it is no sum. */
export function parseMoney(text: string): number | null {
  const plain = text.replace(/[\s\u00a0\u202f\u2009]/g, '').replace(',', '.')
  const match = /^(-?)(\d{1,12})(?:\.(\d{1,2}))?$/.exec(plain)
  if (!match) return null
  const kop = Number(match[2]) * 100 + Number((match[3] ?? '').padEnd(2, '0'))
  return match[1] ? -kop : kop
}

/** A sum of the API in kopecks; an unreadable one is a fault of the service and must not pass for zero. */
export function kopecks(text: string): number {
  const kop = parseMoney(text)
  if (kop === null) throw new RangeError(`not a sum of money: ${text}`)
  return kop
}

/** "2 450" or "2 450,50": kopecks only when they are not zero. */
export function formatRubles(kop: number): string {
  const sign = kop < 0 ? '−' : ''
  const whole = String(Math.trunc(Math.abs(kop) / 100)).replace(/\B(?=(\d{3})+$)/g, THIN)
  const rest = Math.abs(kop) % 100
  return sign + whole + (rest ? `,${String(rest).padStart(2, '0')}` : '')
}

export const formatMoney = (kop: number): string => `${formatRubles(kop)}${THIN}₽`

/** "2450.00", as the API takes it. */
export function moneyText(kop: number): string {
  const whole = Math.trunc(Math.abs(kop) / 100)
  return `${kop < 0 ? '-' : ''}${whole}.${String(Math.abs(kop) % 100).padStart(2, '0')}`
}

/** Quantities are whole thousandths of a unit until they are shown; the API speaks of "1.5". */

const SHOWN = /^(\d{1,9})(?:\.(\d{1,3}))?$/

export function parseQuantity(text: string): number | null {
  const match = SHOWN.exec(text.replace(/[\s\u00a0\u202f]/g, '').replace(',', '.'))
  return match ? Number(match[1]) * 1000 + Number((match[2] ?? '').padEnd(3, '0')) : null
}

export function thousandths(text: string): number {
  const milli = parseQuantity(text)
  if (milli === null) throw new RangeError(`not a quantity: ${text}`)
  return milli
}

/** As `thousandths`, of a balance, which may be below zero: "-1". */
export const signedThousandths = (text: string): number => (text.startsWith('-') ? -thousandths(text.slice(1)) : thousandths(text))

function written(milli: number, comma: string, minus: string): string {
  const plain = Math.abs(milli)
  const rest = String(plain % 1000).padStart(3, '0').replace(/0+$/, '')
  return (milli < 0 ? minus : '') + String(Math.trunc(plain / 1000)) + (rest ? comma + rest : '')
}

export const formatQuantity = (milli: number): string => written(milli, ',', '−')
export const quantityText = (milli: number): string => written(milli, '.', '-')

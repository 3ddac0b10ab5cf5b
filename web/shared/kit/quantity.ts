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

function written(milli: number, comma: string): string {
  const rest = String(milli % 1000).padStart(3, '0').replace(/0+$/, '')
  return String(Math.trunc(milli / 1000)) + (rest ? comma + rest : '')
}

export const formatQuantity = (milli: number): string => written(milli, ',')
export const quantityText = (milli: number): string => written(milli, '.')

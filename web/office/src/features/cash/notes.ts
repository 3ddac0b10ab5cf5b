/** Notes and coins of Russia, in kopecks, the largest first. */
export const DENOMINATIONS: readonly number[] = [500_000, 200_000, 100_000, 50_000, 20_000, 10_000, 5_000, 1_000, 500, 200, 100, 50, 10]
export const COINS_FROM = 1_000

const MOST = 99_999
/** How many of each were typed, by denomination. */
export type Typed = Record<number, string>

/** Whole pieces; nothing typed is none, what is no number of pieces is null. */
export function pieces(typed: string | undefined): number | null {
  const text = (typed ?? '').trim()
  if (!text) return 0
  const count = /^\d{1,5}$/.test(text) ? Number(text) : MOST + 1
  return count > MOST ? null : count
}

/** The sum in kopecks; null while one of the fields cannot be read, or nothing is typed at all. */
export function sumOfNotes(typed: Typed): number | null {
  let kop = 0
  for (const worth of DENOMINATIONS) {
    const count = pieces(typed[worth])
    if (count === null) return null
    kop += worth * count
  }
  return DENOMINATIONS.some((worth) => typed[worth]?.trim()) ? kop : null
}

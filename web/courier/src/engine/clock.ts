/** The server's clock as seen from here. `at_device` stays raw; the offset goes with each event beside it. */

const KEPT = 5

/** server − device in ms at half of the round trip; null for an unreadable time. */
export function offsetMs(serverTime: string, sentAt: number, roundTripMs: number): number | null {
  const server = Date.parse(serverTime)
  return Number.isNaN(server) ? null : Math.round(server - (sentAt + roundTripMs / 2))
}

export const withOffset = (offsets: readonly number[], one: number): number[] => [...offsets, one].slice(-KEPT)

/** One slow answer must not move the clock. */
export function median(offsets: readonly number[]): number | null {
  const sorted = [...offsets].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle]
  if (upper === undefined) return null
  return sorted.length % 2 ? upper : Math.round(((sorted[middle - 1] ?? upper) + upper) / 2)
}

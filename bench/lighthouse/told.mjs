// What is kept of a report of Lighthouse.
export const CATEGORIES = ['performance', 'accessibility', 'best-practices']
const METRICS = ['first-contentful-paint', 'largest-contentful-paint', 'total-blocking-time', 'cumulative-layout-shift', 'speed-index']

/**
 * scores: 0..100. metrics: ms, layout shift without unit. requests: bytes over the wire.
 * faults: audits below 0.9. shown: what was counted on the screen.
 */
export function told(lhr, shown) {
  if (lhr.runtimeError) throw new Error(lhr.runtimeError.message)
  const scores = Object.fromEntries(CATEGORIES.map((id) => [id, Math.round(lhr.categories[id].score * 100)]))
  const metrics = Object.fromEntries(METRICS.map((id) => [id, lhr.audits[id].numericValue]))
  const requests = lhr.audits['network-requests'].details.items.map((one) => ({ url: one.url, type: one.resourceType ?? '', bytes: one.transferSize }))
  const faults = Object.values(lhr.audits).filter((one) => one.score !== null && one.score < 0.9).map((one) => `${one.id}: ${one.displayValue ?? one.title}`)
  return { scores, metrics, requests, faults, shown }
}

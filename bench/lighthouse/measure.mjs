// `node measure.mjs BROWSER ADDRESS CODE ROUNDS`: Lighthouse, mobile, on the courier's application at ADDRESS, each time
// with an empty cache and no service worker: first logged out, then with the orders of the courier whom CODE lets in.
// Prints JSON: {"entry": [RUN, …], "orders": [RUN, …]}; RUN is made by `told`.
import lighthouse from 'lighthouse'
import puppeteer from 'puppeteer-core'

const [, , browserPath, address, code, rounds] = process.argv
const CATEGORIES = ['performance', 'accessibility', 'best-practices']
const METRICS = ['first-contentful-paint', 'largest-contentful-paint', 'total-blocking-time', 'cumulative-layout-shift', 'speed-index']
const PATIENCE_MS = 20_000
const cards = () => document.querySelectorAll('a[href*="#/order/"]').length

const browser = await puppeteer.launch({
  executablePath: browserPath, headless: true, args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
})
try {
  const entry = await runs()
  await logIn()
  const orders = await runs()
  process.stdout.write(JSON.stringify({ entry, orders }))
} finally {
  await browser.close()
}

async function logIn() {
  const page = await browser.newPage()
  await page.goto(`${address}#code=${code}`)
  await page.waitForFunction(cards, { timeout: PATIENCE_MS })
  await page.close()
}

async function runs() {
  const made = []
  for (let round = 0; round < Number(rounds); round += 1) made.push(await run())
  return made
}

async function run() {
  const page = await browser.newPage()
  await page.bringToFront()
  const result = await lighthouse(address, { onlyCategories: CATEGORIES, logLevel: 'error' }, undefined, page)
  const shown = await page.evaluate(cards)
  await page.close()
  return told(result.lhr, shown)
}

/**
 * scores: 0..100. metrics: ms, layout shift without unit. requests: bytes over the wire.
 * faults: audits below 0.9. shown: orders on the screen.
 */
function told(lhr, shown) {
  if (lhr.runtimeError) throw new Error(lhr.runtimeError.message)
  const scores = Object.fromEntries(CATEGORIES.map((id) => [id, Math.round(lhr.categories[id].score * 100)]))
  const metrics = Object.fromEntries(METRICS.map((id) => [id, lhr.audits[id].numericValue]))
  const requests = lhr.audits['network-requests'].details.items.map((one) => ({ url: one.url, type: one.resourceType ?? '', bytes: one.transferSize }))
  const faults = Object.values(lhr.audits).filter((one) => one.score !== null && one.score < 0.9).map((one) => `${one.id}: ${one.displayValue ?? one.title}`)
  return { scores, metrics, requests, faults, shown }
}

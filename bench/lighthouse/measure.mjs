// `node measure.mjs BROWSER ADDRESS CODE ROUNDS`: Lighthouse, mobile, on the courier's application at ADDRESS, each time
// with an empty cache and no service worker: first logged out, then with the orders of the courier whom CODE lets in.
// Prints JSON: {"entry": [RUN, …], "orders": [RUN, …]}; RUN is made by `told`.
import lighthouse from 'lighthouse'
import puppeteer from 'puppeteer-core'
import { CATEGORIES, told } from './told.mjs'

const [, , browserPath, address, code, rounds] = process.argv
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

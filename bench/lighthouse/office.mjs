// `node office.mjs BROWSER ORIGIN TOKEN ROUNDS PAGE …`: Lighthouse, desktop, on pages of the office ("/cash", "/way?q=1"),
// each time with an empty cache, by a person's token. Prints JSON: {PAGE: [RUN, …]}; RUN is made by `told`.
import lighthouse, { desktopConfig } from 'lighthouse'
import puppeteer from 'puppeteer-core'
import { CATEGORIES, told } from './told.mjs'

const [, , browserPath, origin, token, rounds, ...pages] = process.argv
/** The page has come, not the question for a token. */
const heading = () => document.querySelectorAll('main h1, main h2').length

const browser = await puppeteer.launch({
  executablePath: browserPath, headless: true, args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
})
try {
  const found = {}
  for (const page of pages) found[page] = await runs(page)
  process.stdout.write(JSON.stringify(found))
} finally {
  await browser.close()
}

async function runs(page) {
  const made = []
  for (let round = 0; round < Number(rounds); round += 1) made.push(await run(page))
  return made
}

async function run(address) {
  // A context of its own: nothing is kept from the page before.
  const context = await browser.createBrowserContext()
  const page = await context.newPage()
  await page.bringToFront()
  const url = `${origin}/office/#token=${encodeURIComponent(token)}&to=${encodeURIComponent(address)}`
  const config = { ...desktopConfig, settings: { ...desktopConfig.settings, onlyCategories: CATEGORIES } }
  const result = await lighthouse(url, { logLevel: 'error' }, config, page)
  const shown = await page.evaluate(heading)
  await context.close()
  return told(result.lhr, shown)
}

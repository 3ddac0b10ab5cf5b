/*
 * The service worker of /courier/: the application opens without a network. The build fills in VERSION and FILES.
 * Nothing of /api is ever kept here: what the courier sees and does lives in IndexedDB.
 * A new version waits until the courier agrees (message 'apply'), so that no step is interrupted.
 */
const VERSION = '%VERSION%'
const FILES = ['%FILES%']
const OURS = 'posrednik-courier-'
const CACHE = OURS + VERSION
const SCOPE = new URL(self.registration.scope)
const SHELL = new URL('index.html', SCOPE).href

/** Built files have their hash in the name: what an older version has of them is the same and is not fetched again. */
const hashed = (name) => name.startsWith('assets/')

async function fill() {
  const cache = await caches.open(CACHE)
  await Promise.all(
    FILES.map(async (name) => {
      const url = new URL(name, SCOPE).href
      const known = hashed(name) ? await caches.match(url) : undefined
      const answer = known ?? (await fetch(url, { cache: hashed(name) ? 'default' : 'reload', redirect: 'error' }))
      if (!answer.ok) throw new Error(`${name}: ${answer.status}`)
      await cache.put(url, answer)
    }),
  )
}

async function sweep() {
  const names = await caches.keys()
  await Promise.all(names.filter((name) => name.startsWith(OURS) && name !== CACHE).map((name) => caches.delete(name)))
  await self.clients.claim()
}

const kept = async (url) => (await caches.open(CACHE)).match(url, { ignoreVary: true })

/** The page itself: from here, so that a start needs no network; from the network only if the cache was lost. */
const shell = async (request) => (await kept(SHELL)) ?? fetch(request)

/** The portal opens the application with a POST that only the server can judge; offline the application opens as it is,
 *  at the delivery that a link named: his day on the phone tells whether it is his. */
async function opened(request) {
  const posted = request.method === 'POST' ? request.clone() : null
  try {
    return await fetch(request)
  } catch {
    const delivery = posted && (await named(posted))
    if (delivery) return Response.redirect(`${SCOPE.href}#delivery=${encodeURIComponent(delivery)}`, 303)
    return (await kept(SHELL)) ?? Response.error()
  }
}

async function named(posted) {
  try {
    const { delivery } = JSON.parse((await posted.formData()).get('PLACEMENT_OPTIONS'))
    return typeof delivery === 'string' ? delivery : null
  } catch {
    return null // nothing that can be read
  }
}

self.addEventListener('install', (event) => event.waitUntil(fill()))
self.addEventListener('activate', (event) => event.waitUntil(sweep()))
self.addEventListener('message', (event) => {
  if (event.data === 'apply') void self.skipWaiting()
  if (event.data === 'version') event.ports[0]?.postMessage(VERSION)
})
self.addEventListener('fetch', (event) => {
  const { request } = event
  const url = new URL(request.url)
  if (url.origin !== SCOPE.origin || !url.pathname.startsWith(SCOPE.pathname)) return
  const door = url.pathname.startsWith(`${SCOPE.pathname}open`)
  if (request.mode === 'navigate' && door) event.respondWith(opened(request))
  else if (request.method !== 'GET') return
  else if (request.mode === 'navigate') event.respondWith(shell(request))
  else event.respondWith(kept(url.origin + url.pathname).then((known) => known ?? fetch(request)))
})

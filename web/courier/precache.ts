// Writes sw.js at the end of a build: the service worker of src/sw.js with the list of all that was built.
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Plugin } from 'vite'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

export function precache(): Plugin {
  return {
    name: 'posrednik-precache',
    apply: 'build',
    enforce: 'post',
    generateBundle(_options, bundle) {
      const built = Object.values(bundle).map((file): [string, string | Uint8Array] => [
        file.fileName,
        file.type === 'chunk' ? file.code : file.source,
      ])
      const still = readdirSync(here('./public')).map((name): [string, Uint8Array] => [name, readFileSync(here(`./public/${name}`))])
      const files = [...built, ...still].sort(([a], [b]) => (a < b ? -1 : 1))
      const worker = readFileSync(here('./src/sw.js'), 'utf8')
      const version = createHash('sha256').update(worker)
      for (const [name, content] of files) version.update(name).update(content)
      const source = worker
        .replace("'%VERSION%'", JSON.stringify(version.digest('hex').slice(0, 12)))
        .replace("['%FILES%']", JSON.stringify(files.map(([name]) => name)))
      this.emitFile({ type: 'asset', fileName: 'sw.js', source })
    },
  }
}

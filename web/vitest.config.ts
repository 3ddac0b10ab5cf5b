import vue from '@vitejs/plugin-vue'
import { createHash } from 'node:crypto'
import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'
import { alias, flags } from './entry.ts'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/** The seed alone decides the order of the files; the disk lists them now so, now otherwise. */
class Seeded extends BaseSequencer {
  override sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const { root, sequence } = this.ctx.config
    const place = ({ moduleId }: TestSpecification): string => createHash('sha256').update(`${sequence.seed} ${relative(root, moduleId)}`).digest('hex')
    return Promise.resolve(files.map((file) => ({ file, at: place(file) })).sort((a, b) => (a.at < b.at ? -1 : 1)).map(({ file }) => file))
  }
}

const all = '{shared,office,courier}/**/*.spec.ts'
// These start the courier's whole engine, which listens to its page and its database until the page is gone: a process for each.
const whole = ['interleaving', 'opened', 'stores'].map((name) => `courier/src/engine/${name}.spec.ts`)

// The rest share one process and one page: making those for each file took five sixths of the time. What a test changes of the
// page setup.ts puts back or reports; what it leaves in a module the shuffled order shows: `npm test -- --sequence.seed=7`.
export default defineConfig({
  plugins: [vue()],
  resolve: {
    // Screens stand on the engine that tests can script; the engine's own specs import its parts.
    alias: [{ find: /^@courier\/engine$/, replacement: here('./courier/src/testing/fixture.ts') }, ...Object.entries(alias).map(([find, replacement]) => ({ find, replacement }))],
  },
  define: flags,
  test: {
    environment: 'happy-dom',
    testTimeout: 30_000, // nothing waits that long; the machine may be busy
    setupFiles: ['fake-indexeddb/auto', here('./shared/testing/setup.ts')],
    isolate: false,
    maxWorkers: 1,
    sequence: { shuffle: { files: true, tests: true }, sequencer: Seeded, seed: 20261123 },
    restoreMocks: true,
    unstubGlobals: true,
    projects: [
      { extends: true, test: { name: 'parts', include: [all], exclude: whole } },
      { extends: true, test: { name: 'whole', include: whole, isolate: true, sequence: { groupOrder: 1 } } },
    ],
  },
})

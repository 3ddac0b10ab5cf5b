import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'
import { alias, flags } from './entry.ts'

export default defineConfig({
  plugins: [vue()],
  resolve: { alias },
  define: flags,
  test: { environment: 'happy-dom', setupFiles: ['fake-indexeddb/auto'], include: ['{shared,office,courier}/**/*.spec.ts'], restoreMocks: true },
})

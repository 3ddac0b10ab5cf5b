// The screens without a service: `npx vite courier -c courier/fixture.vite.config.ts`, then /courier/?state=offline
// (out, expired, first, empty, missing, noshift, sent, quiet, update, loads, bare, near, reached, code; several may be given).
import tailwindcss from '@tailwindcss/vite'
import { fileURLToPath } from 'node:url'
import { defineConfig, mergeConfig } from 'vite'
import { entry } from '../entry.ts'

const fixture = fileURLToPath(new URL('./src/testing/fixture.ts', import.meta.url))

export default defineConfig(
  mergeConfig(entry('courier', { plugins: [tailwindcss()] }), {
    resolve: { alias: [{ find: /^(@courier|\.)\/engine$/, replacement: fixture }] },
  }),
)

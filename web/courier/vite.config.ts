import tailwindcss from '@tailwindcss/vite'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'
import { entry } from '../entry.ts'
import { precache } from './precache.ts'

// Dexie's usual entry is written for browsers of ten years ago and 2 KB larger.
const dexie = fileURLToPath(new URL('../node_modules/dexie/dist/modern/dexie.min.mjs', import.meta.url))

export default defineConfig(entry('courier', { plugins: [tailwindcss(), precache()], alias: { dexie } }))

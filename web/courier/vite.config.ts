import tailwindcss from '@tailwindcss/vite'
import { defineConfig } from 'vite'
import { entry } from '../entry.ts'
import { precache } from './precache.ts'

export default defineConfig(entry('courier', { plugins: [tailwindcss(), precache()] }))

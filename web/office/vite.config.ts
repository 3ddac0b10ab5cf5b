import { defineConfig } from 'vite'
import { entry } from '../entry.ts'

export default defineConfig(entry('office'))

import { defineConfig } from 'vite'
import { entry } from '../entry'

export default defineConfig(entry('office'))

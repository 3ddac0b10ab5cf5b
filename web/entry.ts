// One entry of the workspace = one folder with index.html, served by the service under /<name>/.
// Each has a two-line vite.config.ts of its own that calls this.
import vue from '@vitejs/plugin-vue'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { PluginOption, UserConfig } from 'vite'
import { packed } from './packed.ts'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

const { version } = JSON.parse(readFileSync(here('./package.json'), 'utf8')) as { version: string }

export const alias = { '@shared': here('./shared'), '@office': here('./office/src'), '@courier': here('./courier/src') }

// What no page uses stays out of the bundles.
export const flags = {
  __APP_VERSION__: JSON.stringify(version),
  __VUE_OPTIONS_API__: 'false',
  __VUE_PROD_DEVTOOLS__: 'false',
  __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: 'false',
  __VUE_I18N_FULL_INSTALL__: 'false',
  __VUE_I18N_LEGACY_API__: 'false',
  __INTLIFY_DROP_MESSAGE_COMPILER__: 'true',
  __INTLIFY_PROD_DEVTOOLS__: 'false',
}

export function entry(name: string, more: { plugins?: PluginOption[]; alias?: Record<string, string> } = {}): UserConfig {
  const service = process.env.POSREDNIK_URL ?? 'http://127.0.0.1:8000'
  return {
    root: here(`./${name}`),
    base: `/${name}/`,
    plugins: [vue(), ...(more.plugins ?? []), packed(here(`./dist/${name}`))],
    resolve: { alias: { ...alias, ...more.alias } },
    define: flags,
    build: {
      outDir: here(`./dist/${name}`),
      emptyOutDir: true,
      // Data URLs would need `img-src data:` in the content security policy.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      target: 'es2022',
    },
    server: { port: 5173, proxy: { '/api': service } },
  }
}

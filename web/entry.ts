// One entry of the workspace = one folder with index.html, served by the service under /<name>/.
// Each has a two-line vite.config.ts of its own that calls this.
import vue from '@vitejs/plugin-vue'
import { fileURLToPath } from 'node:url'
import type { UserConfig } from 'vite'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

export const alias = { '@shared': here('./shared'), '@office': here('./office/src') }

export function entry(name: string): UserConfig {
  const service = process.env.POSREDNIK_URL ?? 'http://127.0.0.1:8000'
  return {
    root: here(`./${name}`),
    base: `/${name}/`,
    plugins: [vue()],
    resolve: { alias },
    define: { __VUE_OPTIONS_API__: 'false', __VUE_PROD_DEVTOOLS__: 'false' },
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

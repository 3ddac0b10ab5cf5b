/** The courier's own choices on this phone: theme and maps. The language is web/shared's. */

import { ref, watch } from 'vue'

export type Theme = 'system' | 'light' | 'dark'
export type MapChoice = 'ask' | 'yandex' | 'gis' | 'system'

function kept<T extends string>(name: string, all: readonly T[], start: T) {
  const key = `posrednik.courier.${name}`
  const value = ref<T>(start)
  try {
    value.value = all.find((one) => one === localStorage.getItem(key)) ?? start
  } catch {
    value.value = start // storage is forbidden: the choice lives until the page is closed
  }
  watch(value, (now) => {
    try {
      localStorage.setItem(key, now)
    } catch {
      return // as above
    }
  })
  return value
}

export const THEMES = ['system', 'light', 'dark'] as const
export const MAPS = ['yandex', 'gis', 'system'] as const
export const theme = kept<Theme>('theme', THEMES, 'system')
export const mapChoice = kept<MapChoice>('map', ['ask', ...MAPS], 'ask')

watch(theme, (now) => void (document.documentElement.dataset.theme = now), { immediate: true })

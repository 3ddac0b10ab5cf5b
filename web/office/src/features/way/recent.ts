/** The last orders looked at in this tab. */

import { readonly, ref } from 'vue'

const KEPT = 'posrednik.recent'
const MOST = 6

function kept(): string[] {
  try {
    const value: unknown = JSON.parse(sessionStorage.getItem(KEPT) ?? '[]')
    return Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string').slice(0, MOST) : []
  } catch {
    return []
  }
}

const list = ref(kept())
export const recentSearches = readonly(list)

export function remember(number: string): void {
  if (list.value[0] === number) return
  list.value = [number, ...list.value.filter((one) => one !== number)].slice(0, MOST)
  try {
    sessionStorage.setItem(KEPT, JSON.stringify(list.value))
  } catch {
    return // storage is forbidden: they live until the page is closed
  }
}

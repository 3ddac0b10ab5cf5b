/** A small typed catalogue: Russian decides the shape, English must have the same keys. Russian by default. */

import { reactive, ref, watch } from 'vue'

export type Language = 'ru' | 'en'
const KEPT = 'posrednik.language'

/** Literal texts become `string`, so that the English beside them may differ. */
type Shape<T> = T extends string ? string : T extends (...given: infer A) => string ? (...given: A) => string : { readonly [K in keyof T]: Shape<T[K]> }

function kept(): Language {
  try {
    return localStorage.getItem(KEPT) === 'en' ? 'en' : 'ru'
  } catch {
    return 'ru' // storage is forbidden: the page still works
  }
}

export const language = ref<Language>(kept())

watch(
  language,
  (now) => {
    document.documentElement.lang = now
    try {
      localStorage.setItem(KEPT, now)
    } catch {
      return // as above
    }
  },
  { immediate: true, flush: 'sync' },
)

/** Texts of the current language; read in a template or a computed they follow its change. */
export function catalogue<T extends object>(ru: T, en: Shape<T>): Shape<T> {
  const both = reactive({ ru, en }) as { ru: Shape<T>; en: Shape<T> }
  return new Proxy({} as object, {
    get: (_, key) => Reflect.get(both[language.value] as object, key) as unknown,
  }) as Shape<T>
}

/** Russian: plural(5, 'доставка', 'доставки', 'доставок'). */
export function plural(n: number, one: string, few: string, many: string): string {
  const [last, lastTwo] = [Math.abs(n) % 10, Math.abs(n) % 100]
  if (lastTwo >= 11 && lastTwo <= 14) return many
  if (last === 1) return one
  return last >= 2 && last <= 4 ? few : many
}

/** Texts of the courier's application: vue-i18n without its compiler, in the language that web/shared keeps. */

import { language } from '@shared/kit/i18n'
import { watch } from 'vue'
import { createI18n } from 'vue-i18n'

import { en } from './en'
import { ru } from './ru'
import type { Said } from './said'

/** Russian decides the keys; a text may become a function of what is said in it and back. */
type Shape<T> = { [K in keyof T]: T[K] extends object ? (T[K] extends (s: Said) => string ? (s: Said) => string : Shape<T[K]>) : string }
export type Words = Shape<typeof ru>

type Path<T> = { [K in keyof T & string]: T[K] extends string | ((s: Said) => string) ? K : `${K}.${Path<T[K]>}` }[keyof T & string]
export type Key = Path<typeof ru>

/** Each text as the function that vue-i18n's compiler would make of it. The library's types know no functions of ours. */
function compiled(words: object): never {
  const made = (value: unknown): unknown => (typeof value === 'string' ? () => value : typeof value === 'function' ? value : compiled(value as object))
  return Object.fromEntries(Object.entries(words).map(([key, value]) => [key, made(value)])) as never
}

const messages: Record<string, never> = { ru: compiled(ru), en: compiled(en) }
const i18n = createI18n<false>({ legacy: false, locale: language.value, fallbackLocale: 'ru', messages })

watch(language, (now) => void (i18n.global.locale.value = now), { flush: 'sync' })

export const t = (key: Key, named: Record<string, string | number> = {}): string => i18n.global.t(key, named)

/** A text for a code that comes from outside; null when there is none. */
export function known(area: 'problem' | 'diagnostics.states' | 'money.payments', code: string): string | null {
  const key = `${area}.${code}`
  return i18n.global.te(key) ? i18n.global.t(key) : null
}

/** Messages are precompiled by hand: a text, or a function of what is named in it. No compiler goes to the phone. */

import { plural } from '@shared/kit/i18n'

export interface Said {
  named: (key: string) => unknown
}

export const text = (said: Said, key: string): string => String(said.named(key))
const number = (said: Said, key: string): number => Number(said.named(key))

/** «3 товара»: the number and the form that goes with it. */
export const ruCount = (said: Said, one: string, few: string, many: string, key = 'n'): string =>
  `${number(said, key)} ${plural(number(said, key), one, few, many)}`

export const enCount = (said: Said, one: string, many: string, key = 'n'): string =>
  `${number(said, key)} ${number(said, key) === 1 ? one : many}`

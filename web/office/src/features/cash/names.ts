/** «Иванова  А.» and «иванова а.» are one person: a difference needs two. */
import { folded } from '@shared/kit/search'

const plain = (name: string): string => folded(name).split(/\s+/).join(' ')

export const samePerson = (a: string, b: string): boolean => plain(a) === plain(b)

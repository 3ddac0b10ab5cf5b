import type { PersonFields } from '@shared/api/people'

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)

/** What is typed over somebody who was changed meanwhile: what was touched here stays, all else is as he is now. */
export function rebased(begun: PersonFields, typed: PersonFields, now: PersonFields): PersonFields {
  const touched = Object.entries(typed).filter(([name, value]) => !same(value, begun[name as keyof PersonFields]))
  return { ...now, ...Object.fromEntries(touched) }
}

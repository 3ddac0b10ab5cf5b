/** Projects that can be chosen for a division, as a list of choices. */
import type { DivisionMapping, PortalProject } from '@shared/api/settings'

/** value: number of the project, '' = what the file says. */
export interface Choice { readonly value: string; readonly title: string; readonly disabled?: boolean }

export interface Words { asFile: string; archived: (name: string) => string; other: (group: number) => string }

/** An archived project can be chosen by nobody, but one that is set already is shown, whatever it is. */
export function choicesOf(division: Pick<DivisionMapping, 'group' | 'source'>, projects: readonly PortalProject[], words: Words): Choice[] {
  const open = projects.filter((one) => !one.closed || one.id === division.group)
  const shown = open.map((one) => ({ value: String(one.id), title: one.closed ? words.archived(one.name) : one.name, disabled: one.closed }))
  const lost = division.source === 'page' && division.group !== null && !projects.some((one) => one.id === division.group)
  return [{ value: '', title: words.asFile }, ...(lost ? [{ value: String(division.group), title: words.other(division.group!), disabled: true }] : []), ...shown]
}

export const chosen = (division: Pick<DivisionMapping, 'group' | 'source'>): string => (division.source === 'page' && division.group !== null ? String(division.group) : '')

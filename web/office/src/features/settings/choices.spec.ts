import { describe, expect, it } from 'vitest'

import { choicesOf, chosen } from './choices'

const WORDS = { asFile: 'как в файле', archived: (name: string) => `${name} (в архиве)`, other: (group: number) => `№ ${group}` }
const PROJECTS = [{ id: 11, name: 'Доставка. Центр', closed: false }, { id: 12, name: 'Старый', closed: true }]

describe('projects for a division', () => {
  it('offers the open ones, and what the file says', () => {
    expect(choicesOf({ group: null, source: 'file' }, PROJECTS, WORDS).map((one) => one.title)).toEqual(['как в файле', 'Доставка. Центр'])
    expect(chosen({ group: 11, source: 'file' })).toBe('')
    expect(chosen({ group: 11, source: 'page' })).toBe('11')
  })

  it('shows an archived one that is set, but it cannot be chosen', () => {
    expect(choicesOf({ group: 12, source: 'page' }, PROJECTS, WORDS)).toContainEqual({ value: '12', title: 'Старый (в архиве)', disabled: true })
  })

  it('shows one that the portal hides by its number', () => {
    expect(choicesOf({ group: 40, source: 'page' }, PROJECTS, WORDS)).toContainEqual({ value: '40', title: '№ 40', disabled: true })
    expect(choicesOf({ group: 40, source: 'file' }, PROJECTS, WORDS)).toHaveLength(2)
  })
})

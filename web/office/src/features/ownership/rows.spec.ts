import type { OwnedField, OwnedKind, Ownership } from '@shared/api/ownership'
import { describe, expect, it } from 'vitest'

import { found, ownRows, refusals, titles } from './rows'

const a = (field: string, title: string, more: Partial<OwnedField> = {}): OwnedField => ({
  field, title, owners: ['1c'], default: true, source: 'default', inherited: false, else_owners: ['1c'], who: null, at: null, reason: null,
  required: false, refused_7d: 0, last_at: null, last_by: null, ...more,
})
const kinds: OwnedKind[] = [
  { kind: 'order', title: 'заказ', fields: [a('comment', 'комментарий', { default: false, refused_7d: 3 }), a('number', 'номер')] },
  { kind: 'product', title: 'товар', fields: [a('name', 'наименование', { default: false, inherited: true }), a('*', 'остальные поля', { default: false })] },
]
const shown = (asked: Parameters<typeof found>[1]): string[] => found(kinds, asked).flatMap((kind) => kind.fields.map((one) => `${kind.kind}.${one.field}`))

describe('the table', () => {
  it('is found by words of the kind and the field, in either language of them', () => {
    expect(shown({ q: 'Комм' })).toEqual(['order.comment'])
    expect(shown({ q: 'product.' })).toEqual(['product.name', 'product.*'])
    expect(shown({ q: 'заказ' })).toEqual(['order.comment', 'order.number'])
    expect(shown({ q: 'нет такого' })).toEqual([])
  })
  it('is narrowed to a kind, to what was changed, to what was refused', () => {
    expect(shown({ kind: 'order', changed: '1' })).toEqual(['order.comment'])
    expect(shown({ refused: '1' })).toEqual(['order.comment'])
    expect(shown({})).toHaveLength(4)
  })
  it('counts rows of its own, not those that follow from the rest', () => {
    expect(kinds.map(ownRows)).toEqual([1, 1])
    expect(kinds.map(refusals)).toEqual([3, 0])
  })
  it('names owners, those that are gone too', () => {
    const table: Ownership = { version: 1, owners: [{ owner: '1c', title: '1С' }, { owner: 'base:УТ', title: 'УТ' }], kinds }
    expect(titles(table, ['1c', 'base:УТ', 'base:Старая'])).toBe('1С, УТ, Старая')
  })
})

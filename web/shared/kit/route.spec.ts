import { expect, it } from 'vitest'

import { go, parseHash, route, setQuery, toHash } from './route'

it('keeps a path and its query in the hash', () => {
  expect(parseHash('#/way?q=000-1%202&tab=a?b')).toEqual({ path: '/way', query: { q: '000-1 2', tab: 'a?b' } })
  expect(parseHash('')).toEqual({ path: '/', query: {} })
  expect(toHash('/way', { q: 'а б', none: '', gone: null })).toBe('#/way?q=%D0%B0+%D0%B1')
})

it('changes parts of the query in place, without history', () => {
  go('/deliveries', { q: '1', courier: 'c1' })
  const before = history.length
  setQuery({ courier: null, id: '7' })
  expect(route.path).toBe('/deliveries')
  expect({ ...route.query }).toEqual({ q: '1', id: '7' })
  expect(history.length).toBe(before)
})

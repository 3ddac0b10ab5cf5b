import { beforeEach, expect, it } from 'vitest'

import { forgetToken, refused, setToken, splitToken, takeToken, token } from './session'

beforeEach(() => {
  forgetToken()
  history.replaceState(null, '', '/office/')
})

it.each([
  ['#token=abc', 'abc', ''],
  ['#token=abc&to=/way', 'abc', '#/way'],
  ['#token=abc&to=%2Fway%3Fq%3D000-123', 'abc', '#/way?q=000-123'],
  ['#/way?q=1&token=abc', 'abc', '#/way?q=1'],
  ['#/way?token=abc&q=1', 'abc', '#/way?q=1'],
  ['#token=a%2Bb', 'a+b', ''],
  ['#token=100%', '100%', ''],
])('takes the token out of %s', (hash, wanted, rest) => {
  expect(splitToken(hash)).toEqual({ token: wanted, hash: rest })
})

it('leaves an address without a token alone', () => {
  expect(splitToken('#/way?q=token')).toEqual({ token: null, hash: '#/way?q=token' })
})

it('removes the token from the address at once and keeps it for the tab', () => {
  history.replaceState(null, '', '/office/#token=secret&to=/deliveries')
  takeToken()
  expect(location.href).not.toContain('secret')
  expect(location.hash).toBe('#/deliveries')
  expect(token.value).toBe('secret')
  expect(sessionStorage.getItem('posrednik.token')).toBe('secret')
})

it('finds the token of the tab after a reload', () => {
  setToken('kept')
  takeToken()
  expect(token.value).toBe('kept')
})

it('tells a refused token from a person who left', () => {
  setToken('old')
  forgetToken(true)
  expect([token.value, refused.value]).toEqual([null, true])
  setToken('new')
  expect(refused.value).toBe(false)
})

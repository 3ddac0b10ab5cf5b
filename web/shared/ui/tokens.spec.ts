import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const css = readFileSync(join(import.meta.dirname, 'tokens.css'), 'utf8')
const colours = new Map([...css.matchAll(/--([a-z-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)/g)].map((one) => [one[1]!, [one[2]!, one[3]!]]))

const linear = (part: number): number => (part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
function lightness(colour: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => linear(parseInt(colour.slice(at, at + 2), 16) / 255)) as [number, number, number]
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}
function contrast(a: string, b: string): number {
  const [low, high] = [lightness(a), lightness(b)].sort((x, y) => x - y) as [number, number]
  return (high + 0.05) / (low + 0.05)
}
function least(front: string, back: string): number {
  return Math.min(...[0, 1].map((theme) => contrast(colours.get(front)![theme]!, colours.get(back)![theme]!)))
}

const STATUS = ['blue', 'violet', 'amber', 'green', 'sage', 'orange', 'grey', 'red']
const PLANES = ['plane', 'paper', 'soft', 'select']

it.each([
  ...STATUS.map((one) => [one, `${one}-tint`]),
  ...PLANES.flatMap((plane) => [['text', plane], ['muted', plane], ['accent', plane]]),
  ...STATUS.flatMap((one) => [['text', `${one}-tint`], [one, 'paper']]),
  ['on-accent', 'main'], ['on-accent', 'main-dark'], ['on-accent', 'accent'], ['on-accent', 'accent-dark'], ['red', 'plane'],
])('%s is read on %s in both themes', (front, back) => {
  expect(least(front!, back!)).toBeGreaterThanOrEqual(4.5)
})

it.each([...STATUS.map((one) => [`chart-${one}`, 'paper']), ['strong-line', 'paper']])('%s is seen on %s in both themes', (front, back) => {
  expect(least(front!, back!)).toBeGreaterThanOrEqual(3)
})

/** What both charts share: a scale of round numbers and which labels have room. */

import { language } from '@shared/kit/i18n'
import type { Kind } from '@shared/kit/value'
import { formatCount, formatShare } from '@shared/kit/value'
import { formatSpan } from '@shared/kit/time'
import { formatRubles } from '@shared/kit/money'
import { onBeforeUnmount, onMounted, ref, type Ref } from 'vue'

import type { Tone } from './tone'

export interface Series { key: string; title: string; tone: Tone }
/** One place on the axis. values: series → figure (money: kopecks; quantity: thousandths), null where nothing was measured. */
export interface Point { label: string; values: Readonly<Record<string, number | null>>; href?: string | null }

export const HEIGHT = 220
export const PAD = { top: 12, right: 8, bottom: 24, left: 56 }
export const BOTTOM = HEIGHT - PAD.bottom

const DAY_S = 86_400
/** What is round on a clock. */
const TIME_STEPS = [10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, DAY_S]

/** Round steps from zero (or below it) to at least the largest: [0, 500, 1000, 1500]. */
export function ticksOf(least: number, largest: number, kind: Kind = 'count', about = 4): number[] {
  const low = Math.min(0, least)
  const high = Math.max(0, largest) || (low ? 0 : 1)
  const rough = (high - low) / about
  const size = 10 ** Math.floor(Math.log10(rough))
  const steps = kind === 'seconds' && rough > 5 ? TIME_STEPS : [1, 2, 2.5, 5, 10].map((n) => n * size)
  const step = steps.find((n) => n >= rough) ?? Math.ceil(rough / DAY_S) * DAY_S
  const from = Math.floor(low / step)
  return Array.from({ length: Math.ceil(high / step) - from + 1 }, (_, n) => (from + n) * step)
}

export const scaleOf = (ticks: readonly number[]): ((value: number) => number) => {
  const [low, high] = [ticks[0] ?? 0, ticks.at(-1) ?? 1]
  return (value) => BOTTOM - ((value - low) / (high - low || 1)) * (BOTTOM - PAD.top)
}

/** Every n-th label, so that they do not touch. */
export const labelStep = (count: number, width: number, labelWidth = 60): number => Math.max(1, Math.ceil((count * labelWidth) / Math.max(1, width)))

/** A figure of a chart in words; null is a dash. */
export function figureText(value: number | null | undefined, kind: Kind): string {
  if (value === null || value === undefined) return '—'
  if (kind === 'money') return `${formatRubles(value)}\u202f₽`
  if (kind === 'quantity') return formatCount(value / 1000)
  if (kind === 'share') return formatShare(value)
  return kind === 'seconds' ? formatSpan(value) : formatCount(value)
}

/** At the axis kopecks, fractions and a second unit have no room: «1,5 мин». */
export const tickText = (value: number, kind: Kind): string =>
  kind === 'seconds' ? tickSpan(value) : kind === 'money' ? formatRubles(Math.round(value / 100) * 100) : Number.isInteger(value) || kind !== 'count' ? figureText(value, kind) : ''

function tickSpan(seconds: number): string {
  const whole = [DAY_S, 3600, 60].find((size) => seconds >= size)
  if (!whole) return formatSpan(seconds)
  const [, unit] = formatSpan(whole).split(' ')
  const shown = String(Math.round((seconds / whole) * 100) / 100)
  return `${language.value === 'ru' ? shown.replace('.', ',') : shown} ${unit}`
}

/** The width of an element, so that text in the drawing is not stretched. */
export function useWidth(element: Readonly<Ref<Element | null>>): Ref<number> {
  const width = ref(640)
  const observer = new ResizeObserver(([entry]) => (width.value = Math.max(240, entry!.contentRect.width)))
  onMounted(() => element.value && observer.observe(element.value))
  onBeforeUnmount(() => observer.disconnect())
  return width
}

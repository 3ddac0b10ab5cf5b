/** A screen of the courier over the fixture engine, which stands for `@courier/engine` in all specs. */

import { mount, type Screen } from '@shared/testing/mount'
import { createPinia, setActivePinia } from 'pinia'
import type { Component } from 'vue'

import { aDay } from './day'
import { fixture, useDay, type Day, type ShownDelivery } from './fixture'

export function start(deliveries: ShownDelivery[], changes: Partial<Day> = {}): void {
  setActivePinia(createPinia())
  fixture.recorded.length = 0
  fixture.drafts.clear()
  fixture.refuse = null
  fixture.blind = false
  fixture.shutter = fixture.sky = Promise.resolve()
  fixture.place = { latitude: 55.7603, longitude: 37.6203, accuracy_m: 12 }
  const day = useDay()
  day.day = aDay(changes)
  day.deliveries = deliveries
}

/** Mounted, with what it reads at its start already read. */
export async function opened(component: Component, props: Record<string, unknown>): Promise<Screen> {
  const screen = mount(component, props)
  await calm()
  return screen
}

/** Everything that waits only for promises is done. */
export async function calm(): Promise<void> {
  for (let turn = 0; turn < 30; turn += 1) await Promise.resolve()
}

export async function choose(screen: Screen, label: string): Promise<void> {
  const found = [...screen.root.querySelectorAll('label')].find((one) => one.textContent.trim() === label)
  found?.querySelector('input')?.click()
  await calm()
}

export async function takePhoto(screen: Screen): Promise<void> {
  const field = screen.root.querySelector<HTMLInputElement>('input[type=file]')!
  Object.defineProperty(field, 'files', { configurable: true, value: [new File(['picture'], 'a.jpg', { type: 'image/jpeg' })] })
  field.dispatchEvent(new Event('change'))
  await calm()
}

export async function press(screen: Screen): Promise<void> {
  screen.root.querySelector<HTMLButtonElement>('footer .btn-main')!.click()
  await calm()
}

export const missing = (screen: Screen): string => screen.root.querySelector('footer p[role=status]')?.textContent.trim() ?? ''

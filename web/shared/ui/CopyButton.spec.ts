import { mount } from '@shared/testing/mount'
import { nextTick } from 'vue'
import { afterEach, expect, it, vi } from 'vitest'

import CopyButton from './CopyButton.vue'

afterEach(() => vi.unstubAllGlobals())

async function pressed(writeText: (text: string) => Promise<void>): Promise<string> {
  vi.stubGlobal('navigator', { clipboard: { writeText } })
  const screen = mount(CopyButton, { text: 'abc' })
  await screen.click('Копировать')
  await Promise.resolve()
  await nextTick()
  const said = screen.root.querySelector('[role=status]')!.textContent
  screen.close()
  return said
}

it('says that it copied, or what to do when the browser refuses', async () => {
  const taken: string[] = []
  expect(await pressed(async (text) => void taken.push(text))).toBe('Скопировано')
  expect(taken).toEqual(['abc'])
  expect(await pressed(() => Promise.reject(new Error('no')))).toContain('Ctrl+C')
})

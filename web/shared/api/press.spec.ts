import { expect, it, vi } from 'vitest'

import { ApiError, NoAnswer } from './errors'
import { newKey, usePress } from './press'

const QUICK = [0, 0]
const no = (status: number, code = 'x'): ApiError => new ApiError({ status, code, title: '', detail: '' })
type Send = (key: string) => Promise<string>

it('keeps one key through all repeats of one press', async () => {
  const send = vi.fn<Send>().mockRejectedValueOnce(new NoAnswer(false)).mockRejectedValueOnce(no(503)).mockResolvedValue('done')
  const press = usePress<string>(QUICK)
  expect(await press.press(send)).toBe('done')
  expect(press.state.value).toBe('done')
  expect(new Set(send.mock.calls.map(([key]) => key)).size).toBe(1)
  expect(send).toHaveBeenCalledTimes(3)
})

it('keeps the key when a person repeats what is not known', async () => {
  const send = vi.fn<Send>().mockRejectedValue(new NoAnswer(true))
  const press = usePress<string>(QUICK)
  expect(await press.press(send)).toBeNull()
  expect(press.state.value).toBe('unknown')
  send.mockResolvedValue('done')
  expect(await press.again()).toBe('done')
  expect(new Set(send.mock.calls.map(([key]) => key)).size).toBe(1)
})

it('waits for the first of two equal requests', async () => {
  const send = vi.fn<Send>().mockRejectedValueOnce(no(409, 'still_running')).mockResolvedValue('done')
  expect(await usePress<string>(QUICK).press(send)).toBe('done')
})

it('takes a definite no at once, and a new key for the next press', async () => {
  const send = vi.fn<Send>().mockRejectedValue(no(422, 'stage_jump'))
  const press = usePress<string>(QUICK)
  await press.press(send)
  expect(press.state.value).toBe('refused')
  expect(press.error.value).toMatchObject({ code: 'stage_jump' })
  await press.press(send)
  const keys = send.mock.calls.map(([key]) => key)
  expect(keys).toHaveLength(2)
  expect(keys[0]).not.toBe(keys[1])
})

it('ignores a second press while the first runs', async () => {
  let finish: (text: string) => void = () => {}
  const send = vi.fn<Send>(() => new Promise((done) => (finish = done)))
  const press = usePress<string>(QUICK)
  const first = press.press(send)
  expect(await press.press(send)).toBeNull()
  finish('once')
  expect(await first).toBe('once')
  expect(send).toHaveBeenCalledTimes(1)
})

it('makes keys that are UUIDs of version 4', () => {
  expect(newKey()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
})

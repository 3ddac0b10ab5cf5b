import { expect, it, vi } from 'vitest'

import { ApiError, NoAnswer } from './errors'
import { newKey, usePress } from './press'
import { setToken } from '@shared/kit/session'

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

/** Calls that wait until they are answered by hand, in the order they were sent. */
function held(): { send: Send; answers: { done: (text: string) => void; fail: (fault: Error) => void }[]; keys: string[] } {
  const [answers, keys]: [ReturnType<typeof held>['answers'], string[]] = [[], []]
  const send: Send = (key) => new Promise((done, fail) => void (keys.push(key), answers.push({ done, fail })))
  return { send, answers, keys }
}

it('does not show the outcome of a press that was cleared, though who pressed is told', async () => {
  const { send, answers } = held()
  const press = usePress<string>(QUICK)
  const first = press.press(send)
  press.clear()
  answers[0]!.done('of before')
  expect(await first).toBe('of before')
  expect([press.state.value, press.result.value]).toEqual(['idle', null])
})

it('shows the later of two presses, in whichever order they are answered', async () => {
  const { send, answers, keys } = held()
  const press = usePress<string>(QUICK)
  const first = press.press(send)
  press.clear()
  const second = press.press(send)
  answers[1]!.done('of the second')
  expect(await second).toBe('of the second')
  answers[0]!.fail(no(422))
  expect(await first).toBeNull()
  expect([press.state.value, press.result.value, press.error.value]).toEqual(['done', 'of the second', null])
  expect(keys[0]).not.toBe(keys[1])
})

it('goes on with a cleared press under its key until there is an answer', async () => {
  const { send, answers, keys } = held()
  const press = usePress<string>(QUICK)
  const first = press.press(send)
  press.clear()
  answers[0]!.fail(new NoAnswer(false))
  await vi.waitFor(() => expect(answers).toHaveLength(2))
  expect(press.state.value).toBe('idle')
  answers[1]!.done('at last')
  expect(await first).toBe('at last')
  expect(new Set(keys).size).toBe(1)
})

it('has nothing to repeat after it was cleared', async () => {
  const send = vi.fn<Send>().mockRejectedValue(new NoAnswer(true))
  const press = usePress<string>(QUICK)
  await press.press(send)
  press.clear()
  send.mockClear()
  expect(await press.again()).toBeNull()
  expect(send).not.toHaveBeenCalled()
})

it('repeats nothing in the name of another person', async () => {
  setToken('of Anna')
  const { send, answers } = held()
  const press = usePress<string>(QUICK)
  const first = press.press(send)
  setToken('of Boris')
  answers[0]!.fail(new NoAnswer(false))
  expect(await first).toBeNull()
  expect(answers).toHaveLength(1)
  expect(press.state.value).toBe('unknown')
})

it('makes keys that are UUIDs of version 4', () => {
  expect(newKey()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
})

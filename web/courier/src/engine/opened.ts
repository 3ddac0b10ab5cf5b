/** Where a link or the portal leads: a delivery that is sought in the courier's day, and nowhere else. */

import { defineStore } from 'pinia'
import { ref, watch } from 'vue'

import { useDay, useSession } from './stores'

export const useOpened = defineStore('opened', () => {
  const [session, day] = [useSession(), useDay()]
  /** Of the last link of this page. */
  const id = ref<string | null>(null)
  /** sought: nobody is in, or the day is not there yet. The screens say `none` when they have led there, or told that it is missing. */
  const state = ref<'none' | 'sought' | 'found' | 'missing'>('none')
  let looking: symbol | null = null

  /** login: that of the same link; its courier's day counts. Never rejects. */
  function seek(delivery: string, login: Promise<unknown>): void {
    ;[id.value, state.value, looking] = [delivery, 'sought', null]
    void look(async () => {
      await login
      if (isSought()) await day.refresh(true)
    })
  }

  /** reading: of a day that was asked for since the link was opened. What was asked before it may not know of the order yet. */
  async function look(reading: () => Promise<unknown>): Promise<void> {
    if (!isSought() || looking) return
    const own = (looking = Symbol('look'))
    await reading()
    if (looking !== own) return // another link was opened meanwhile
    looking = null
    if (isSought() && session.status === 'in' && day.day) state.value = 'missing'
  }

  const isSought = (): boolean => state.value === 'sought' && !isThere()

  function isThere(): boolean {
    if (!id.value || !day.byId(id.value)) return false
    state.value = 'found'
    return true
  }

  watch([() => session.status, () => day.renewed_at], () => void look(() => day.refresh()))
  return { id, state, seek }
})

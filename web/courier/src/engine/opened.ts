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
  let entering: Promise<unknown> = Promise.resolve()

  /** login: that of the same link; its courier's day counts. Never rejects. */
  function seek(delivery: string, login: Promise<unknown>): void {
    ;[id.value, state.value, entering] = [delivery, 'sought', login]
    void look()
  }

  async function look(): Promise<void> {
    const sought = id.value
    if (state.value !== 'sought' || isThere()) return
    await entering
    await day.refresh()
    if (state.value !== 'sought' || id.value !== sought || isThere()) return
    if (session.status === 'in' && day.day) state.value = 'missing'
  }

  function isThere(): boolean {
    if (!id.value || !day.byId(id.value)) return false
    state.value = 'found'
    return true
  }

  watch([() => session.status, () => day.renewed_at], () => void look())
  return { id, state, seek }
})

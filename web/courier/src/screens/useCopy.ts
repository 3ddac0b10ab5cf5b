import { copied } from '@shared/kit/copied'
import { ref } from 'vue'

const SHOWN_MS = 2000

/** Copies a text and says for a moment what became of it. */
export function useCopy() {
  const state = ref<'' | 'copied' | 'failed'>('')
  let timer: ReturnType<typeof setTimeout> | undefined

  async function copy(text: string): Promise<void> {
    state.value = (await copied(text)) ? 'copied' : 'failed'
    clearTimeout(timer)
    timer = setTimeout(() => (state.value = ''), SHOWN_MS)
  }
  return { state, copy }
}

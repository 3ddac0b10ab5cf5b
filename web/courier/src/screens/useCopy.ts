import { ref } from 'vue'

const SHOWN_MS = 2000

/** Copies a text; where the clipboard is closed to pages, by a selection. */
export function useCopy() {
  const state = ref<'' | 'copied' | 'failed'>('')
  let timer: ReturnType<typeof setTimeout> | undefined

  async function copy(text: string): Promise<void> {
    state.value = (await byClipboard(text)) || bySelection(text) ? 'copied' : 'failed'
    clearTimeout(timer)
    timer = setTimeout(() => (state.value = ''), SHOWN_MS)
  }
  return { state, copy }
}

async function byClipboard(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return false // no such API in a web view, or the right is not given
  }
}

function bySelection(text: string): boolean {
  const field = document.createElement('textarea')
  field.value = text
  field.readOnly = true
  field.className = 'sr-only'
  document.body.append(field)
  field.select()
  try {
    return document.execCommand('copy')
  } catch {
    return false
  } finally {
    field.remove()
  }
}

/** Copies a text. A page that came by plain http has no clipboard, a frame may be forbidden it: then by a selection. */
export async function copied(text: string): Promise<boolean> {
  try {
    await (navigator as Partial<Navigator>).clipboard!.writeText(text)
    return true
  } catch {
    return bySelection(text)
  }
}

function bySelection(text: string): boolean {
  const field = document.createElement('textarea')
  field.value = text
  field.readOnly = true
  field.className = 'sr-only'
  // Within an open dialog only what is inside of it can be selected.
  ;(document.activeElement?.closest('dialog') ?? document.body).append(field)
  field.select()
  try {
    return document.execCommand('copy')
  } catch {
    return false
  } finally {
    field.remove()
  }
}

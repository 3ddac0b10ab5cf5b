/** Letters that people type for one another. */
export const folded = (text: string): string => text.toLowerCase().replaceAll('ё', 'е').trim()

/** Every typed word is somewhere in the text, in any order. */
export function hasWords(text: string, typed: string): boolean {
  const where = folded(text)
  return folded(typed).split(/\s+/).every((word) => where.includes(word))
}

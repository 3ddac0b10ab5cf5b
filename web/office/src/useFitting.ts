/** How many of the pages' links fit in one line; the others go into a menu. Measured before the browser paints. */

import { nextTick, onMounted, onScopeDispose, ref, watch, type Ref } from 'vue'

/** items: their parent's width is what there is; `[data-page]` are measured. again: when the links change. */
export function useFitting(line: Readonly<Ref<HTMLElement | null>>, again: () => unknown): Ref<number> {
  const fitting = ref(Infinity)
  let widths: number[] = []
  let menu = 0

  function count(): void {
    const room = line.value?.clientWidth ?? 0
    const whole = widths.reduce((sum, width) => sum + width, 0)
    if (whole <= room) return void (fitting.value = widths.length)
    let [left, n] = [room - menu, 0]
    while (n < widths.length && left >= widths[n]!) left -= widths[n++]!
    fitting.value = n
  }

  async function measure(): Promise<void> {
    fitting.value = Infinity
    await nextTick()
    const found = [...(line.value?.querySelectorAll<HTMLElement>('[data-page]') ?? [])]
    widths = found.map((one) => one.offsetWidth)
    menu = line.value?.querySelector<HTMLElement>('[data-menu]')?.offsetWidth ?? 0
    count()
  }

  const observer = new ResizeObserver(count)
  onMounted(() => {
    observer.observe(line.value!)
    void measure()
  })
  watch(again, measure, { flush: 'post' })
  onScopeDispose(() => observer.disconnect())
  return fitting
}

import { createApp, nextTick, type Component } from 'vue'

/** What a person sees of a component, found by role and text. */
export interface Screen {
  root: HTMLElement
  text: () => string
  button: (name: string) => HTMLButtonElement
  field: (label: string) => HTMLInputElement
  click: (name: string) => Promise<void>
  type: (label: string, value: string) => Promise<void>
  close: () => void
}

export function mount(component: Component, props: Record<string, unknown>): Screen {
  const root = document.body.appendChild(document.createElement('div'))
  const app = createApp(component, props)
  app.mount(root)
  const button = (name: string): HTMLButtonElement => only(root.querySelectorAll('button'), (one) => one.textContent.trim() === name, name)
  const field = (name: string): HTMLInputElement => {
    const label = only(root.querySelectorAll('label'), (one) => one.textContent.trim().startsWith(name), name)
    return label.htmlFor ? root.querySelector(`#${label.htmlFor}`)! : label.querySelector('input, select, textarea')!
  }
  return {
    root,
    text: () => root.textContent,
    button,
    field,
    click: async (name) => {
      button(name).click()
      await nextTick()
    },
    type: async (label, value) => {
      const input = field(label)
      input.value = value
      input.dispatchEvent(new Event('input'))
      await nextTick()
    },
    close: () => {
      app.unmount()
      root.remove()
    },
  }
}

function only<E extends Element>(all: Iterable<E>, fits: (one: E) => boolean, name: string): E {
  const found = [...all].filter(fits)
  if (found.length !== 1 || !found[0]) throw new Error(`${found.length} elements for «${name}»`)
  return found[0]
}

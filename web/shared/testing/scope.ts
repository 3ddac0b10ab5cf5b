import { effectScope } from 'vue'

/** Runs a composable outside a component; `stop` does what leaving the page does. */
export function inScope<T>(make: () => T): { value: T; stop: () => void } {
  const scope = effectScope()
  const value = scope.run(make)
  if (value === undefined) throw new Error('the composable returned nothing')
  return { value, stop: () => scope.stop() }
}

/** Which acts are told by words like these: the service keeps operations and keys, the page says them in words. */

import type { Act } from '@shared/api/people'
import { folded } from '@shared/kit/search'

import { words } from './acts'
import { told } from './told'

type Asked = Readonly<Record<string, string | boolean | null>>

/** Said by all that was asked, whatever the operation. */
const ANYWHERE: readonly [string, Readonly<Record<string, string>>][] = [['decision', words.decisions], ['mode', words.modes], ['reason', words.reasons]]
/** These are never told by their operation alone. */
const BY_WHAT_WAS_ASKED: Readonly<Record<string, readonly Asked[]>> = {
  actOnDelivery: [...Object.keys(words.steps).map((action) => ({ action })), { action: 'assign', courier: null }],
  switchDestination: [{ state: 'paused' }, { state: 'open' }],
}
const ALSO: Readonly<Record<string, readonly Asked[]>> = {
  switchMode: Object.keys(words.modes).map((mode) => ({ mode })), decideIncident: Object.keys(words.decisions).map((decision) => ({ decision })),
  decideIncidents: Object.keys(words.decisions).map((decision) => ({ decision })), markTrial: [{ trial: false }], 'pilot.switch': [{ trial: false }, { trial: true }], changePerson: [{ active: true }, { active: false }],
  actOnLoad: Object.keys(words.loads).map((action) => ({ action })),
}

const form = (operation: string, asked: Asked): string =>
  [operation, Object.entries(asked).map(([key, value]) => `${key}=${value}`).join('&')].filter((part, i) => part || !i).join('?')
const sentence = (operation: string, data: Asked): string => told({ operation, data } as unknown as Act)

/** As the service takes it: `switchMode,actOnDelivery?action=assign,?decision=found`; '' = no act is told so. */
export function toldBy(typed: string): string {
  const sought = folded(typed)
  if (sought.length < 2) return ''
  const has = (text: string): boolean => folded(text).includes(sought)
  const keys = [...new Set([...Object.keys(words.operations), ...Object.keys(words.commands)])]
  const found = keys.flatMap((operation) => {
    if (!BY_WHAT_WAS_ASKED[operation] && has(sentence(operation, {}))) return [operation]
    const forms = BY_WHAT_WAS_ASKED[operation] ?? ALSO[operation] ?? []
    return forms.filter((asked) => has(sentence(operation, asked))).map((asked) => form(operation, asked))
  })
  const anywhere = ANYWHERE.flatMap(([key, said]) => Object.keys(said).filter((value) => has(said[value]!)).map((value) => form('', { [key]: value })))
  return [...found, ...anywhere].join(',')
}

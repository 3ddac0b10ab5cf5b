/** One act as a sentence, and the way to what it was done to. */

import type { Act, Named, Names } from '@shared/api/people'
import { toHash } from '@shared/kit/route'

import { words } from './acts'

const UUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi
const HASH = /^[0-9a-f]{64}$/

/** What was done; where one operation does several things, which of them it was. */
export function told(act: Act): string {
  const { operation, data } = act
  if (operation === 'actOnDelivery' && data.action === 'assign' && data.courier === null) return words.unassigned
  if (operation === 'actOnDelivery') return words.steps[String(data.action)] ?? words.operations[operation]!
  if (operation === 'switchDestination') return data.state === 'paused' ? words.paused : words.resumed
  if ((operation === 'markTrial' || operation === 'pilot.switch') && data.trial === false) return words.unmarked
  if (operation === 'pilot.switch' && data.trial === true) return words.operations.markTrial!
  if (operation === 'changePerson' && typeof data.active === 'boolean') return data.active ? words.opened : words.closed
  const said = words.operations[operation] ?? words.commands[operation] ?? operation
  const load = operation === 'actOnLoad' ? words.loads[String(data.action)] : undefined
  const which = load ?? words.decisions[String(data.decision)] ?? words.modes[String(data.mode)]
  return which ? `${said}: ${which}` : said
}

export interface About { title: string; href: string | null }
type May = (right: string) => boolean

/** What it was done to: first the thing itself, then the courier it concerns. */
export function aboutOf(act: Act, names: Names, may: May): About[] {
  const courier = typeof act.data.courier === 'string' ? act.data.courier : ''
  const ids = `${act.subject} ${courier}`.match(UUID) ?? []
  const named = ids.flatMap((id) => names[id.toLowerCase()] ?? [])
  const destination = act.operation === 'switchDestination' ? names[`destination:${act.subject}`] : undefined
  const all = [...(destination ? [destination] : []), ...named]
    .filter((one) => one.kind !== 'division' || one.ref !== act.division?.ref)
    .map((one) => ({ title: one.title, href: wayTo(one, act, may) }))
  const once = all.filter((one, i) => all.findIndex((other) => other.title === one.title) === i)
  return once.length ? once : plain(act, may)
}

/** Where an order's number or a login stands instead of an id. What only a machine reads is left to the details. */
function plain({ subject, operation, data }: Act, may: May): About[] {
  const lane = /^lane (\d+), (\d+)$/.exec(subject)
  if (lane) return [{ title: words.lane(lane[1]!, lane[2]!), href: null }]
  if (HASH.test(subject)) return [{ title: words.photo(subject.slice(0, 8)), href: null }]
  if (!subject && typeof data.name === 'string') return [{ title: data.name, href: null }]
  if (!subject || subject.match(UUID) || /^\d+$/.test(subject) && operation !== 'markTrial') return []
  return [{ title: subject, href: operation === 'markTrial' && may('way.see') ? toHash('/way', { q: subject }) : null }]
}

export function wayTo(one: Named, act: Pick<Act, 'action'>, may: May): string | null {
  const ways: Readonly<Record<Named['kind'], readonly [right: string, href: string] | null>> = {
    order: ['way.see', toHash('/way', { q: one.ref })],
    courier: act.action.startsWith('cash.') ? ['cash.see', toHash('/cash', { courier: one.ref })] : ['board.see', toHash('/deliveries', { courier: one.ref })],
    division: ['settings.see', toHash('/settings', { division: one.ref })],
    person: ['people.see', toHash('/people', { open: one.ref })],
    subscription: ['settings.see', toHash('/settings', { tab: 'subscriptions', open: one.ref })],
    token: ['settings.see', toHash('/settings', { tab: 'tokens' })],
    destination: ['exchange.see', toHash('/exchange')],
    base: ['exchange.see', toHash('/exchange')],
    product: null,
  }
  const way = ways[one.kind]
  return way && may(way[0]) ? way[1] : null
}

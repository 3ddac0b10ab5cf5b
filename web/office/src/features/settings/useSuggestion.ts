/** A suggested user taken by one press: for a courier or for somebody of the office. */
import { useAction } from '@shared/api/action'
import { changePerson } from '@shared/api/people'
import { mapCourier, type CourierMapping, type PersonMapping, type SuggestedUser } from '@shared/api/settings'

import { t } from './portalWords'

type Whom = CourierMapping | PersonMapping

export const keyOf = (one: Whom): string => ('ref' in one ? one.ref : one.id)

export function useSuggestion(done: (name: string) => void, refused: () => void) {
  const action = useAction()

  const call = (one: Whom, found: SuggestedUser, key: string): Promise<unknown> =>
    'ref' in one
      ? mapCourier(one.ref, { bitrix24_user: found.user, reason: t.reason[found.by] ?? '', version: one.version }, key)
      : changePerson(one.id, { bitrix24_user: found.user, version: one.version }, key)

  async function take(one: Whom): Promise<void> {
    const found = one.suggestion
    if (!found) return
    await action.send((key) => call(one, found, key).then(() => () => done(one.name ?? keyOf(one))))
    if (action.state.value === 'refused') refused()
  }
  return { ...action, take }
}

/** Stages, actions and ways of payment in words; the glossary's, so that the board, the phone and these pages agree. */

import type { Action, PaymentMethod, Stage } from '@shared/api/types'
import { catalogue } from '@shared/kit/i18n'
import type { Tone } from '@shared/ui/tone'

const stages = catalogue<Record<Stage, string>>(
  {
    ready: 'Готов', picked_up: 'Забрал', en_route: 'В пути', handed_over: 'Отдал', settled: 'Сдал деньги',
    not_delivered: 'Не вручено', returned: 'Возврат', cancelled: 'Отменено', withdrawn: '«Готов» снят',
  },
  {
    ready: 'Ready', picked_up: 'Picked up', en_route: 'En route', handed_over: 'Handed over', settled: 'Settled',
    not_delivered: 'Not delivered', returned: 'Returned', cancelled: 'Cancelled', withdrawn: 'Withdrawn',
  },
)

const actions = catalogue<Record<Action, string>>(
  {
    pick_up: 'Забрал', depart: 'В пути', hand_over: 'Отдал', not_deliver: 'Не вручил', retry: 'Повторить',
    give_back: 'Возврат на склад', settle: 'Сдал деньги', cancel: 'Отменить', assign: 'Назначить',
    customer_return: 'Возврат от покупателя',
  },
  {
    pick_up: 'Picked up', depart: 'En route', hand_over: 'Handed over', not_deliver: 'Not delivered', retry: 'Retry',
    give_back: 'Give back', settle: 'Settled', cancel: 'Cancel', assign: 'Assign',
    customer_return: 'Customer return',
  },
)

const payments = catalogue<Record<PaymentMethod, string>>(
  { cash: 'Наличные', card: 'Карта', transfer: 'Перевод', prepaid: 'Предоплата' },
  { cash: 'Cash', card: 'Card', transfer: 'Transfer', prepaid: 'Prepaid' },
)

const TONES: Record<Stage, Tone> = {
  ready: 'blue', picked_up: 'violet', en_route: 'amber', handed_over: 'green', settled: 'sage',
  not_delivered: 'orange', returned: 'grey', cancelled: 'grey', withdrawn: 'grey',
}

export const PAYMENTS: readonly PaymentMethod[] = ['cash', 'card', 'transfer', 'prepaid']

const known = <K extends string>(words: Record<K, string>, key: string): string => words[key as K] ?? key

export const stageTitle = (stage: Stage): string => known(stages, stage)
export const stageTone = (stage: Stage): Tone => TONES[stage] ?? 'grey'
export const actionTitle = (action: Action): string => known(actions, action)
export const paymentTitle = (method: string): string => known(payments, method)

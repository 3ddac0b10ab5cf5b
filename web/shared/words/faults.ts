/** A fault of a call in words: what happened, what it means, what to do. */

import { ApiError, NoAnswer } from '@shared/api/errors'
import { catalogue } from '@shared/kit/i18n'

const t = catalogue(
  {
    offline: ['Нет связи', 'У этого компьютера нет сети. Проверьте подключение; страница обновится сама, когда связь вернётся.'],
    silent: ['Посредник не отвечает', 'Служба остановлена или недоступна. Данные целы; страница проверяет сама и обновится, как только служба ответит.'],
    forbidden: ['Нет прав', 'Этому ключу страница недоступна. Попросите администратора выдать ключ с нужными правами.'],
    busy: ['Слишком много запросов', 'Служба просит подождать. Ничего делать не нужно: страница повторит сама.'],
    broken: ['Посредник не справился', 'Ошибка на стороне службы, не ваша. Страница повторит сама; если не пройдёт за минуту, позовите администратора.'],
    rule: ['Так сейчас нельзя', 'Правило доставки не разрешает это действие. Обновите страницу и попробуйте снова.'],
    conflict: ['Данные уже другие', 'Кто-то изменил их раньше. Страница обновилась: проверьте и попробуйте снова.'],
    absent: ['Не найдено', 'Этого больше нет или ссылка неполная. Вернитесь к списку.'],
    refused: ['Посредник отказал', 'Запрос не выполнен. Обновите страницу и попробуйте снова.'],
    page: ['Ошибка страницы', 'Ответ службы не удалось показать. Обновите страницу; если повторится, сообщите администратору.'],
  },
  {
    offline: ['No network', 'This computer is offline. Check the connection; the page renews itself when it is back.'],
    silent: ['Posrednik does not answer', 'The service is stopped or cannot be reached. The data are safe; the page keeps trying.'],
    forbidden: ['Not allowed', 'This key has no right to see the page. Ask the administrator for one that has.'],
    busy: ['Too many requests', 'The service asks to wait. Nothing to do: the page tries again by itself.'],
    broken: ['Posrednik failed', 'The fault is in the service, not yours. The page tries again; if it lasts a minute, call the administrator.'],
    rule: ['Not possible now', 'A rule of deliveries says no. Reload the page and try again.'],
    conflict: ['The data have changed', 'Somebody changed them before. The page is renewed: check and try again.'],
    absent: ['Not found', 'It is no longer there, or the link is not complete. Go back to the list.'],
    refused: ['Posrednik refused', 'The request was not carried out. Reload the page and try again.'],
    page: ['Fault of the page', 'The answer of the service could not be shown. Reload; if it happens again, tell the administrator.'],
  },
)

/** The `title` of a problem is a word of the protocol; these are for people. */
const BY_STATUS: Record<number, keyof typeof t> = { 403: 'forbidden', 404: 'absent', 409: 'conflict', 422: 'rule', 429: 'busy' }

export interface FaultText {
  title: string
  text: string
}

export function faultText(fault: unknown): FaultText {
  const [title = '', text = ''] = t[kindOf(fault)]
  if (!(fault instanceof ApiError)) return { title, text }
  const { detail, errors } = fault.problem
  const more = (errors ?? []).map((one) => one.detail).filter((one) => one && !detail.includes(one))
  return { title, text: [detail || text, ...more].join(' ') }
}

function kindOf(fault: unknown): keyof typeof t {
  if (fault instanceof NoAnswer) return fault.offline ? 'offline' : 'silent'
  if (!(fault instanceof ApiError)) return 'page'
  return BY_STATUS[fault.status] ?? (fault.status >= 500 ? 'broken' : 'refused')
}

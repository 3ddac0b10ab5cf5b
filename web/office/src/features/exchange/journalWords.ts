import { catalogue } from '@shared/kit/i18n'

export const j = catalogue(
  {
    search: 'Слова из текста', order: 'Номер заказа', system: 'Система', anySystem: 'Все системы', kind: 'Вид', anyKind: 'Все виды', outcome: 'Итог', anyOutcome: 'Любой итог',
    trouble: 'Только неудачи', code: 'Код', at: 'Время', what: 'Что', text: 'Что произошло', took: (n: number, time: string) => `показано ${n}, найдено за ${time}`, older: 'Показать более ранние',
    none: 'За это время ничего нет', noneText: 'Возьмите другой период или уберите часть условий.', reading: 'Читаем журнал', table: 'Журнал обменов',
    longWords: 'Слова ищутся не дальше 31 дня. Уменьшите период или добавьте номер заказа.',
    kinds: {
      message: 'Сообщение 1С', object: 'Объект 1С', command: 'Команда 1С', action: 'Действие', attempt: 'Попытка отправить', dispatch: 'Отправка', shadow: 'Теневой режим',
      contradiction: 'Расхождение', decision: 'Решение',
    } as Record<string, string>,
    outcomes: {
      accepted: 'принято', found: 'найдено там', try_later: 'отложено', refused: 'отказ', unclear: 'неясно', done: 'выполнено', rejected: 'отклонено', waiting: 'ждёт', applied: 'применено',
      duplicate: 'повтор', superseded: 'заменено', replayed: 'повторено', skipped: 'пропущено', hastened: 'ускорено', paused: 'приостановлено', opened: 'продолжено', not_there: 'там нет', put_back: 'возвращено', deleted: 'удалено там', confirmed: 'подтверждено',
    } as Record<string, string>,
    line: 'Строка журнала', attempt: 'Попытка', duration: 'Заняло', event: 'Событие', detail: 'Подробности', message: 'Что прислала 1С', wayOf: 'Весь путь заказа',
    gone: 'Строки больше нет', goneText: 'Журнал хранит 400 дней. Возможно, эта строка старше.',
  },
  {
    search: 'Words of the text', order: 'Order number', system: 'System', anySystem: 'All systems', kind: 'Kind', anyKind: 'All kinds', outcome: 'Outcome', anyOutcome: 'Any outcome',
    trouble: 'Only failures', code: 'Code', at: 'Time', what: 'What', text: 'What happened', took: (n: number, time: string) => `${n} shown, found in ${time}`, older: 'Show earlier ones',
    none: 'Nothing in this time', noneText: 'Choose another period, or ask for less.', reading: 'Reading the journal', table: 'Journal of exchanges',
    longWords: 'Words are looked for within 31 days. Choose a shorter period, or add an order number.',
    kinds: {
      message: 'Message of 1C', object: 'Object of 1C', command: 'Command of 1C', action: 'Action', attempt: 'Attempt to send', dispatch: 'Dispatch', shadow: 'Shadow mode',
      contradiction: 'Contradiction', decision: 'Decision',
    },
    outcomes: {
      accepted: 'accepted', found: 'found there', try_later: 'later', refused: 'refused', unclear: 'unclear', done: 'done', rejected: 'rejected', waiting: 'waits', applied: 'applied',
      duplicate: 'repeat', superseded: 'superseded', replayed: 'replayed', skipped: 'skipped', hastened: 'hastened', paused: 'paused', opened: 'goes on', not_there: 'not there', put_back: 'put back', deleted: 'deleted there', confirmed: 'confirmed',
    },
    line: 'Line of the journal', attempt: 'Attempt', duration: 'Took', event: 'Event', detail: 'Details', message: 'What 1C sent', wayOf: 'The whole way of the order',
    gone: 'The line is gone', goneText: 'The journal keeps 400 days. This line may be older.',
  },
)

export const kindOf = (kind: string): string => j.kinds[kind] ?? kind
export const outcomeOf = (outcome: string): string => j.outcomes[outcome] ?? outcome
/** What went wrong stands out; all else is quiet. */
export const BAD: ReadonlySet<string> = new Set(['refused', 'unclear', 'rejected', 'late_refused', 'late_unclear', 'dead'])
export const SLOW: ReadonlySet<string> = new Set(['try_later', 'late_try_later', 'odd_sum', 'skipped', 'paused'])

import type { Became } from '@shared/api/quarantine'
import { catalogue, plural } from '@shared/kit/i18n'

/** Words of what an administrator looks for and does on the exchange page. */
export const r = catalogue(
  {
    rate: (n: string) => `${n} в минуту`, perMinute: 'В минуту', failed: (n: number) => `${n} ${plural(n, 'отказ', 'отказа', 'отказов')} за час`,
    limit: (rate: string, free: string) => `лимит ${rate} в секунду, свободно ${free}`,
    limitLow: (rate: string) => `лимит ${rate} в секунду исчерпан, ждём очереди`,
    pauseOf: (method: string, left: string) => `${method} отдыхает ещё ${left}`,
    pause: 'Приостановить', goOn: 'Продолжить', actions: 'Действия',
    pauseTitle: (name: string) => `Приостановить отправку: ${name}`, goOnTitle: (name: string) => `Продолжить отправку: ${name}`,
    pauseText: 'Ничего не потеряется: всё, что нужно передать, будет ждать и уйдёт по порядку, когда вы продолжите. Остальные системы не затронуты.',
    goOnText: 'Всё, что ждало, пойдёт по порядку, с обычными лимитами.',
    reason: 'Причина', needsReason: 'Напишите причину: она останется в журнале.',
    filters: 'Что показать', why: 'Почему ждёт', anyWhy: 'Любая причина', order: 'Номер заказа', code: 'Код', anyCode: 'Любой код',
    whys: {
      dead: 'Нужен человек', breaker: 'Система не отвечает', paused: 'Приостановлено', disabled: 'Отключено', held: 'Подразделение выключено', method_pause: 'Метод отдыхает',
      in_doubt: 'Неизвестно, дошло ли', sending: 'Отправляется', given: 'Передано 1С, ждём ответа', limiter: 'Ждёт лимита', try_later: 'Повторим позже', ready: 'Готово',
    } as Record<string, string>,
    sendNow: 'Отправить сейчас', sendNowDone: 'Следующая попытка пойдёт сразу, с обычными лимитами.', noneFilter: 'По этому фильтру ничего нет',
    noneFilterText: 'Уберите часть условий или посмотрите журнал за другое время.',
    quarantine: { search: 'Ссылка или часть причины', kind: 'Вид', anyKind: 'Любой вид', raw: 'Показать', rawTitle: (kind: string) => `${kind}: как пришло`, choose: 'Выбрать', older: 'Показать более ранние' },
    again: {
      title: 'Применить ещё раз', about: 'Помогает, когда исправили настройки или Посредник научился читать то, чего не умел. Более новая версия объекта всегда остаётся в силе.',
      check: (n: number) => (n ? `Проверить выбранные: ${n}` : 'Проверить все по фильтру'), would: (n: number) => `Можно применить: ${n}.`, none: 'Сейчас не читается ничего: исправьте объекты в 1С.',
      go: (n: number) => `Применить ${n}`, done: (n: number) => `Применено: ${n}.`, more: 'За раз проверяется не больше 5 000: повторите для остальных.',
    },
    became: { applied: 'будет применено', unchanged: 'уже такой', stale: 'есть версия новее', waiting: 'будет ждать того, на что ссылается', bad: 'не читается' } satisfies Record<Became, string> as Record<Became, string>,
    masked: 'Телефоны и секреты скрыты.', cut: 'Сообщение длинное: показано начало.', reading: 'Читаем',
  },
  {
    rate: (n: string) => `${n} a minute`, perMinute: 'A minute', failed: (n: number) => `${n} refusal${n === 1 ? '' : 's'} in an hour`,
    limit: (rate: string, free: string) => `limit ${rate} a second, ${free} free`,
    limitLow: (rate: string) => `limit of ${rate} a second used up, waiting its turn`,
    pauseOf: (method: string, left: string) => `${method} rests for ${left}`,
    pause: 'Pause', goOn: 'Go on', actions: 'Actions',
    pauseTitle: (name: string) => `Pause sending: ${name}`, goOnTitle: (name: string) => `Go on sending: ${name}`,
    pauseText: 'Nothing is lost: all that is to be sent waits and goes in its order when you go on. Other systems are not touched.',
    goOnText: 'What has waited goes in its order, under the usual limits.',
    reason: 'Reason', needsReason: 'Write the reason: it stays in the journal.',
    filters: 'What to show', why: 'Why it waits', anyWhy: 'Any reason', order: 'Order number', code: 'Code', anyCode: 'Any code',
    whys: {
      dead: 'Needs a person', breaker: 'Does not answer', paused: 'Paused', disabled: 'Off', held: 'Division switched off', method_pause: 'Method rests',
      in_doubt: 'May have arrived', sending: 'On its way', given: 'With 1C, no answer yet', limiter: 'Waits for the limit', try_later: 'Tried again later', ready: 'Ready',
    },
    sendNow: 'Send now', sendNowDone: 'The next try is due at once, under the usual limits.', noneFilter: 'Nothing fits this filter',
    noneFilterText: 'Ask for less, or look at the journal of another time.',
    quarantine: { search: 'Ref or a part of the reason', kind: 'Kind', anyKind: 'Any kind', raw: 'Show', rawTitle: (kind: string) => `${kind}: as it came`, choose: 'Choose', older: 'Show earlier ones' },
    again: {
      title: 'Apply again', about: 'Helps when settings were put right or Posrednik has learned to read what it could not. A newer version always stays.',
      check: (n: number) => (n ? `Check the chosen: ${n}` : 'Check all that fit'), would: (n: number) => `Can be applied: ${n}.`, none: 'Nothing can be read now: correct the objects in 1C.',
      go: (n: number) => `Apply ${n}`, done: (n: number) => `Applied: ${n}.`, more: 'At most 5 000 are tried at once: repeat it for the others.',
    },
    became: { applied: 'would be applied', unchanged: 'is so already', stale: 'there is a newer version', waiting: 'would wait for what it refers to', bad: 'cannot be read' },
    masked: 'Phone numbers and secrets are hidden.', cut: 'The message is long: its beginning is shown.', reading: 'Reading',
  },
)

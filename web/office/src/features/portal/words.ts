import type { LineState, Standing } from '@shared/api/portal'
import { catalogue, plural } from '@shared/kit/i18n'

export const p = catalogue(
  {
    reading: 'Читаем состояние портала',
    none: 'Портал не подключён', noneText: 'Задайте в файле настроек адрес портала и вебхук или приложение: раздел [bitrix24]. Потом выполните posrednik bitrix24 setup.',
    states: {
      works: 'Работает', unused: 'Вызовов не было', away: 'Не отвечает', stopped: 'Не пускает', overload: 'Закрыт из-за нагрузки', paused: 'Приостановлено', disabled: 'Выключено',
    } satisfies Record<Standing, string> as Record<Standing, string>,
    since: (at: string) => `с ${at}`,
    never: 'ещё нет', ago: (age: string) => `${age} назад`,
    facts: {
      who: 'Кто действует', app: 'Приложение', scope: 'Права', ok: 'Последний успешный вызов', limit: 'Вызовов в секунду', free: 'Можно сразу',
      refused: 'Отказов «слишком часто»', events: 'События', poll: 'Опрос изменений', compare: 'Ночная сверка', sweep: 'Поиск двойников',
    },
    way: { application: 'приложение', webhook: 'входящий вебхук', none: 'доступа нет' },
    user: (id: number) => `пользователь ${id}`,
    app: { '': 'не установлено', installed: 'установлено', broken: 'токены не действуют', unreadable: 'токены не читаются', uninstalled: 'удалено с портала' },
    noApp: 'не настроено', renewed: (age: string) => `токен обновлён ${age} назад`,
    left: (n: number) => `без обновления живёт ещё ${n} ${plural(n, 'день', 'дня', 'дней')}`,
    rate: (now: string, all: string) => `${now} из ${all}`, noLimit: 'без ограничения', slowed: (at: string) => `замедлено с ${at}: портал отказывал`,
    burst: (free: string, all: string) => `${free} из ${all}`,
    events: (n: string) => `${n} всего`, last: (age: string) => `последнее ${age} назад`, forged: (n: number) => `поддельных: ${n}, отклонены`,
    pollFails: (age: string) => `не удаётся уже ${age}`,
    check: {
      title: 'Проверка', button: 'Проверить', again: 'Проверить снова', about: 'Спросим портал, есть ли всё нужное: доступ, права, проекты, колонки, курьеры, события. Ничего не меняем.',
      never: 'Проверки ещё не было.', at: (at: string, by: string) => `${at}, ${by}`, running: 'Спрашиваем портал…', notAllowed: 'Запустить проверку может тот, кому разрешено чинить обмены.',
      fine: (n: number) => `В порядке: ${n}`, wrong: (n: number) => `Исправить: ${n}`, allFine: 'Всё в порядке',
      states: { ok: 'в порядке', done: 'сделано', warn: 'внимание', wrong: 'исправить', skip: 'не проверялось' } satisfies Record<LineState, string> as Record<LineState, string>,
    },
    queue: {
      title: 'Очередь', method: 'Что', waiting: 'Ждёт', doubt: 'Под вопросом', dead: 'Отказано', oldest: 'Самое старое', none: 'Очередь пуста', noneText: 'Всё, что нужно было передать, передано.',
      kinds: {
        'task.put': 'Задачи', 'steps.put': 'Шаги курьера', 'task.say': 'Комментарии', 'photos.put': 'Фотографии', 'notice.put': 'Уведомления курьерам', 'notice.incident': 'Уведомления руководителям',
        'notice.alarm': 'Тревоги администраторам', 'chat.say': 'Сводки в чат',
      } as Record<string, string>,
    },
    methods: {
      title: 'Время методов', about: 'Битрикс24 даёт каждому методу около 480 секунд работы за 10 минут. На 90 % метод отдыхает сам, остальные идут.',
      method: 'Метод', used: 'Время за 10 минут', calls: 'Вызовов', refused: 'Отказов', last: 'Последний ответ', of: (now: string, all: string) => `${now} из ${all} с`, unknown: 'не сообщалось',
      learned: 'предел узнан по отказу', rests: (left: string) => `отдыхает ещё ${left}`, ok: 'успешно', none: 'Вызовов ещё не было', noneText: 'Строки появятся с первым обращением к порталу.',
    },
    twins: {
      title: 'Двойники задач', about: 'У этих доставок на портале больше одной задачи. Посредник пишет в одну, остальные не трогает: решите, какую оставить, и удалите лишние.',
      order: 'Заказ', tasks: 'Задачи', kept: 'ведём эту', found: 'Найдены', none: 'Двойников нет', noneText: 'У каждой доставки не больше одной задачи.', task: (id: number) => `№ ${id}`, opens: 'откроется на портале',
    },
    alarms: { title: 'Тревоги', since: (age: string) => `уже ${age}`, more: 'Подробнее' },
  },
  {
    reading: 'Reading the state of the portal',
    none: 'No portal is connected', noneText: 'Set its address and a webhook or an application in the configuration file, section [bitrix24]. Then run posrednik bitrix24 setup.',
    states: { works: 'Works', unused: 'Not called yet', away: 'Does not answer', stopped: 'Lets nobody in', overload: 'Closed because of load', paused: 'Paused', disabled: 'Off' },
    since: (at: string) => `since ${at}`,
    never: 'not yet', ago: (age: string) => `${age} ago`,
    facts: {
      who: 'Who acts', app: 'Application', scope: 'Rights', ok: 'Last good call', limit: 'Calls a second', free: 'Free at once', refused: 'Refused as too many', events: 'Events', poll: 'Poll of changes',
      compare: 'Night comparison', sweep: 'Search for doubles',
    },
    way: { application: 'application', webhook: 'incoming webhook', none: 'no access' },
    user: (id: number) => `user ${id}`,
    app: { '': 'not installed', installed: 'installed', broken: 'tokens are dead', unreadable: 'tokens cannot be read', uninstalled: 'removed from the portal' },
    noApp: 'not configured', renewed: (age: string) => `token renewed ${age} ago`, left: (n: number) => `lives ${n} days more without a renewal`,
    rate: (now: string, all: string) => `${now} of ${all}`, noLimit: 'without a limit', slowed: (at: string) => `slower since ${at}: the portal refused`, burst: (free: string, all: string) => `${free} of ${all}`,
    events: (n: string) => `${n} in all`, last: (age: string) => `the last ${age} ago`, forged: (n: number) => `forged: ${n}, refused`, pollFails: (age: string) => `has failed for ${age}`,
    check: {
      title: 'Check', button: 'Check', again: 'Check again', about: 'Asks the portal whether all is there: access, rights, projects, columns, couriers, events. Changes nothing.', never: 'Nobody has checked yet.',
      at: (at: string, by: string) => `${at}, ${by}`, running: 'Asking the portal…', notAllowed: 'Who may repair the exchange may start a check.', fine: (n: number) => `Fine: ${n}`, wrong: (n: number) => `To mend: ${n}`,
      allFine: 'All is fine', states: { ok: 'fine', done: 'done', warn: 'look', wrong: 'mend', skip: 'not checked' },
    },
    queue: {
      title: 'Queue', method: 'What', waiting: 'Waiting', doubt: 'In doubt', dead: 'Refused', oldest: 'Oldest', none: 'The queue is empty', noneText: 'All that was to be sent is sent.',
      kinds: {
        'task.put': 'Tasks', 'steps.put': 'Steps of couriers', 'task.say': 'Comments', 'photos.put': 'Photos', 'notice.put': 'Notices to couriers', 'notice.incident': 'Notices to managers',
        'notice.alarm': 'Alarms to administrators', 'chat.say': 'Summaries in a chat',
      } as Record<string, string>,
    },
    methods: {
      title: 'Time of methods', about: 'Bitrix24 gives each method some 480 seconds of work in 10 minutes. At 90 % a method rests by itself, the others go on.', method: 'Method', used: 'Time in 10 minutes', calls: 'Calls',
      refused: 'Refused', last: 'Last answer', of: (now: string, all: string) => `${now} of ${all} s`, unknown: 'not told', learned: 'limit learned from a refusal', rests: (left: string) => `rests ${left} more`, ok: 'a yes',
      none: 'Not called yet', noneText: 'Rows come with the first call.',
    },
    twins: {
      title: 'Doubles of tasks', about: 'These deliveries have more than one task on the portal. Posrednik writes one and leaves the others alone: decide which to keep and delete the rest.', order: 'Order', tasks: 'Tasks',
      kept: 'this one is written', found: 'Found', none: 'No doubles', noneText: 'Each delivery has at most one task.', task: (id: number) => `no. ${id}`, opens: 'opens on the portal',
    },
    alarms: { title: 'Alarms', since: (age: string) => `for ${age}`, more: 'More' },
  },
)

export const kindTitle = (method: string): string => p.queue.kinds[method] ?? method

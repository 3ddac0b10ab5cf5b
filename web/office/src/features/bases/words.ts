import type { LoadAction, NeedState, Why } from '@shared/api/bases'
import { catalogue, plural } from '@shared/kit/i18n'

import type { Phase, Standing } from './standing'

/** States, columns and kinds are the same as `posrednik load status` says (tests/e2e/test_office_bases.py). */
export const b = catalogue(
  {
    title: 'Базы 1С', reading: 'Читаем состояние баз',
    states: { never: 'Ещё не обращалась', silent: 'Молчит', refuses: '1С отказывается', doubt: 'Сверяем', gaps: 'Есть пропуски', paused: 'Передача приостановлена', works: 'Работает' } satisfies Record<Standing, string> as Record<Standing, string>,
    encoding: { json: 'JSON', xml: 'XML, старая 1С' }, mode: { pull: 'забирает события сама', push: 'события отправляем в неё' },
    heard: (age: string) => `обращалась ${age} назад`, heardNow: 'только что обращалась', neverHeard: 'обращений не было',
    figures: {
      accepted: 'Принято до №', objects: 'Объектов здесь', waiting: 'Ждут других', quarantine: 'В карантине', outgoing: 'Не подтверждено 1С',
      message: (age: string) => `сообщение ${age} назад`, noMessage: 'сообщений не было', counted: (age: string) => `посчитано ${age} назад`, countedNow: 'посчитано сейчас', counting: 'считаем…',
      longest: (age: string) => `дольше всех ${age}`, nothingWaits: 'ничего не ждёт', clean: 'всё прочитано', open: 'разобрать', oldest: (age: string) => `самое старое ${age}`,
      given: (n: number) => `у 1С сейчас: ${n}`, allGiven: 'всё передано',
    },
    never: {
      title: 'База ещё ни разу не обращалась',
      text: 'Посредник её знает и ждёт первого сообщения. Задайте в 1С то, что ниже, и нажмите в ней «Отправить».',
    },
    silent: {
      title: (age: string) => `База молчит ${age}`, since: (at: string) => `Ни одного обращения с ${at}: `, never: 'Ни одного обращения: ',
      text: 'заказы и «Готов» из неё не приходят, события для неё ждут и не потеряются. Проверьте в 1С регламентное задание обмена, сеть и адрес Посредника.',
    },
    refuses: {
      title: (n: number) => `1С отказалась от ${n} ${plural(n, 'события', 'событий', 'событий')}`,
      text: 'Дорожки этих заказов стоят, остальные идут. Устраните причину в 1С и повторите.', link: 'Открыть «Не передано»',
    },
    doubt: {
      restored: (at: string) => `База начала новую эпоху ${at}`, back: 'Номера сообщений базы пошли назад',
      why: (reason: string) => `Причина: ${reason}. `, text: 'Так бывает, когда базу восстановили из копии или перенесли. Сверяем, что в ней осталось; обмен при этом идёт. ',
      none: 'Пока ни один срез не сверен: 1С пришлёт их сама.', compared: (n: number, m: number) => `Сверено срезов: ${n}, сошлись: ${m}.`,
      lost: (n: number) => `Есть здесь, но пропало в 1С: ${n}. Каждый такой объект ждёт решения.`, link: 'Открыть разбор', slices: 'Открыть сверку',
      left: (list: string) => `Ещё не подтверждено: ${list}.`,
      ends: 'Пройдёт само, когда база подтвердит всё, что передала раньше: передаст снова или сверит, а о пропавшем решат в «Разборе». Если срез остаётся дольше суток, база его не сверяет или в ней не осталось его объектов: передайте его из 1С заново и запустите сверку.',
    },
    gaps: {
      title: (n: number) => `Не ${n === 1 ? 'дошло' : 'дошли'} ${n} ${plural(n, 'сообщение', 'сообщения', 'сообщений')}`, numbers: (list: string) => `№ ${list}. `, more: (n: number) => ` и ещё ${n}`,
      text: '1С присвоила эти номера, но не передала. Обычно они приходят сами со следующей отправкой; если нет, отправьте их из 1С повторно: порядок не важен.',
    },
    paused: { title: 'Передача в эту базу приостановлена', text: 'Приём из неё идёт. События для неё ждут и уйдут по порядку, когда передачу продолжат в строке системы выше.' },
    identity: { title: 'Эпоха и копия базы', id: 'Идентификатор', epoch: 'Эпоха', number: (n: number) => `${n}-я`, since: (at: string) => `с ${at}`, instance: 'Копия базы', zone: 'Часовой пояс', confirmed: 'Восстановление сверено', none: 'ещё нет', instanceAbout: 'Сообщения другой копии той же базы, например тестовой, не принимаются.' },
    objects: {
      title: 'Объекты по видам', kind: 'Вид', count: 'Здесь', deleted: 'Помечено удалёнными', changed: 'Последнее изменение', counting: 'Считаем объекты: база большая, цифры появятся через несколько секунд.', none: 'Пока ни одного объекта',
      noneText: 'Они появятся с первым сообщением 1С или с первой загрузкой.', old: (age: string) => `Посчитано ${age} назад: большую базу считаем редко, чтобы не мешать обмену.`,
    },
    load: {
      title: 'Первая загрузка',
      states: { reading: 'Идёт', checking: 'Идёт, сверка', unread: 'Ждёт обработчика', stopped: 'Остановлена', failed: 'Прервана', agrees: 'Закончена', differs: 'Закончена' } satisfies Record<Phase, string> as Record<Phase, string>,
      none: 'Не начиналась', about: 'Посредник один раз прочитает из базы все справочники и документы через OData и сверит каждый объект. Работе в 1С это не мешает, изменения за это время не потеряются.',
      notConfigured: 'Чтение через OData для этой базы не настроено. Оно и не нужно, если 1С сама передаёт все объекты сообщениями. Чтобы читать через OData, добавьте в файл настроек раздел [bases.odata] с адресом и пользователем 1С.',
      of: (done: string, total: string) => `${done} из ${total}`, objects: (n: number) => plural(n, 'объект', 'объекта', 'объектов'), unknownTotal: 'сколько всего, пока не известно', percent: (n: number) => `${n}\u202f%`,
      now: (kind: string) => `сейчас: ${kind}`, rate: (n: string) => `${n} в секунду`, left: (span: string) => `осталось ${span}`, leftUnknown: 'оцениваем, сколько осталось',
      checking: (n: number, all: number) => `Всё прочитано. Сверяем с 1С: ${n} из ${all} ${plural(all, 'вида', 'видов', 'видов')}`,
      unread: 'Сейчас её никто не читает. Обработчик берётся за неё за несколько секунд; если этого не случилось, запустите posrednik worker.',
      stopped: 'Прочитанное здесь и не пропадёт. «Продолжить» пойдёт с того же места.', failed: 'Загрузка прервана', failedText: 'Прочитанное здесь и не пропадёт. Устраните причину и нажмите «Продолжить».',
      agrees: (n: number, text: string) => `${plural(n, 'Прочитан и сверен', 'Прочитаны и сверены', 'Прочитаны и сверены')} ${text} ${plural(n, 'объект', 'объекта', 'объектов')}: здесь то же, что в 1С.`, differs: (n: number) => `Не ${n === 1 ? 'сходится' : 'сходятся'} ${n} ${plural(n, 'объект', 'объекта', 'объектов')}.`, countsDiffer: 'Количества здесь и в 1С не сходятся.',
      show: 'Показать, что не сходится', bad: (n: string) => `В карантине: ${n}`, by: (who: string, at: string) => `Начата ${at} (${who})`, finished: (at: string) => `закончена ${at}`, byKind: 'По видам', notes: (n: number) => `${n} ${plural(n, 'замечание', 'замечания', 'замечаний')}`,
      columns: { kind: 'вид', done: 'прочитано', bad: 'в карантин', theirs: 'в 1С', ours: 'здесь', differing: 'не сходится' }, bar: 'Сколько прочитано', barChecking: 'Сколько видов сверено',
      buttons: { start: 'Начать загрузку', stop: 'Остановить', resume: 'Продолжить', anew: 'Начать заново', again: 'Загрузить ещё раз' },
      ask: {
        start: { title: 'Начать первую загрузку?', text: 'Посредник прочитает из базы всё, что она публикует, и сверит. 1С получит до нескольких одновременных запросов; остановить можно в любой момент. То, что 1С пришлёт сообщениями, важнее прочитанного.' },
        stop: { title: 'Остановить загрузку?', text: 'Читающий закончит начатую страницу. Прочитанное останется, продолжить можно с того же места.' },
        resume: { title: 'Продолжить загрузку?', text: 'Чтение пойдёт с того места, где остановилось.' },
      } satisfies Record<LoadAction, { title: string; text: string }> as Record<LoadAction, { title: string; text: string }>,
      anew: { title: 'Начать загрузку заново?', text: 'Чтение пойдёт с самого начала. Прочитанное останется и обновится; место, на котором загрузка остановилась, забудется.' },
      done: { start: 'Загрузка начата: обработчик возьмётся за неё за несколько секунд.', stop: 'Загрузка остановлена.', resume: 'Загрузка продолжена.' } satisfies Record<LoadAction, string> as Record<LoadAction, string>,
    },
    differing: {
      title: (name: string) => `Не сходится: ${name}`, reading: 'Читаем список', none: 'Всё сходится', noneText: 'После последней сверки расхождений не осталось.', most: (n: number) => `Показаны первые ${n} объектов каждого вида.`, toWaiting: 'Чего он ждёт',
      counts: (theirs: string, ours: string) => `в 1С ${theirs}, здесь ${ours}`,
      why: { missing: 'нет здесь', version: 'другая версия', waiting: 'ждёт того, на что ссылается', quarantined: 'в карантине', gone: 'нет в 1С' } satisfies Record<Why, string> as Record<Why, string>,
      todo: {
        missing: 'Загрузите ещё раз; если не поможет, проверьте права пользователя OData.', version: 'Изменён в 1С после чтения: его изменение уже в пути.', waiting: 'Применится сам, когда придёт недостающее.',
        quarantined: 'Исправьте в 1С или сопоставьте значение, затем примените снова.', gone: 'Удалён в 1С во время загрузки или скрыт от пользователя OData.',
      } satisfies Record<Why, string> as Record<Why, string>,
    },
    waiting: {
      title: (name: string) => `Кто чего ждёт: ${name}`, reading: 'Читаем, кто чего ждёт', about: 'Документ применяется, когда здесь есть всё, на что он ссылается. Остальной обмен идёт; ждущий применится сам, как только придёт последнее недостающее.',
      none: 'Никто ничего не ждёт', noneText: 'У каждого документа есть всё, на что он ссылается.', wanted: 'Чего ждут', who: 'Кто ждёт', commands: 'Команды ждут заказа',
      count: (n: number, text: string) => `${plural(n, 'ждёт', 'ждут', 'ждут')} ${text}`, since: (at: string) => `с ${at}`, longest: (age: string) => `дольше всех ${age}`, number: (n: number) => `сообщение № ${n}`, byLoad: 'из первой загрузки', more: (n: number) => `и ещё ${n}`,
      states: { absent: 'ещё не приходил', waiting: 'сам ждёт другого', quarantined: 'в карантине' } satisfies Record<NeedState, string> as Record<NeedState, string>,
      todo: { absent: 'Передайте его из 1С: откройте и запишите, он уйдёт со следующей отправкой.', waiting: 'Применится вместе с ним.', quarantined: 'Разберите его в карантине, ждущие применятся сами.' } satisfies Record<NeedState, string> as Record<NeedState, string>,
      ask: { button: 'Попросить у 1С', title: (kinds: string) => `Попросить 1С передать ещё раз: ${kinds}?`, text: '1С передаст заново все объекты этого вида со следующей отправкой. Ничего не потеряется и не удвоится; в большой базе это займёт время.', done: 'Запрошено: 1С получит просьбу вместе с событиями и пришлёт всё заново.', already: 'Это уже запрошено меньше минуты назад: дождитесь отправки из 1С.' },
      toQuarantine: 'Открыть в карантине', older: 'Показать ещё', first: 'К началу', most: 'Ждут очень многого: показано то, чего ждут чаще всего среди первых двухсот.', by: (who: string) => `нажал: ${who}`,
      types: { 'delivery.ready': '«Готов»', 'delivery.withdraw': 'Снять «Готов»', 'delivery.set_price': 'Цена доставки', 'delivery.set_amount_due': 'Сумма к получению', 'delivery.assign': 'Назначить курьера', 'delivery.cancel': 'Отменить доставку', 'backpack.load': 'Положить в рюкзак', 'backpack.unload': 'Выгрузить из рюкзака' } as Record<string, string>,
    },
    connect: {
      none: 'Ни одной базы 1С пока нет', noneText: 'Посредник принимает заказы из 1С и возвращает в неё, что произошло. Подключение занимает несколько минут.',
      file: 'Впишите базу в файл настроек Посредника и перезапустите его. Идентификатор уже придуман, его можно оставить.', token: 'Выпустите ключ базы. Он показывается один раз.', onec: 'Внесите в настройки обмена в 1С адрес, идентификатор и ключ, затем нажмите «Отправить».',
      address: 'Адрес', id: 'Идентификатор базы', sample: 'Торговля', old: 'Для старой 1С (8.2, УТ 10.3) добавьте encoding = "xml". Чтобы один раз прочитать всё через OData, добавьте раздел [bases.odata]: образец в config.example.toml.', steps: 'Как подключить базу',
    },
    kinds: {
      division: 'подразделения', product: 'товары', warehouse: 'склады', counterparty: 'контрагенты', courier: 'курьеры', outlet: 'точки', order: 'заказы', shipment: 'реализации', receipt: 'поступления', transfer: 'перемещения',
      return: 'возвраты', cash_receipt: 'кассовые ордера', price: 'цены', stock: 'остатки',
    } as Record<string, string>,
    one: {
      division: 'Подразделение', product: 'Товар', warehouse: 'Склад', counterparty: 'Контрагент', courier: 'Курьер', outlet: 'Точка', order: 'Заказ', shipment: 'Реализация', receipt: 'Поступление', transfer: 'Перемещение',
      return: 'Возврат', cash_receipt: 'Кассовый ордер', price: 'Цена', stock: 'Остаток',
    } as Record<string, string>,
  },
  {
    title: '1C bases', reading: 'Reading the state of the bases',
    states: { never: 'Has not called yet', silent: 'Silent', refuses: '1C refuses', doubt: 'Being compared', gaps: 'Has gaps', paused: 'Sending is paused', works: 'Works' },
    encoding: { json: 'JSON', xml: 'XML, an old 1C' }, mode: { pull: 'asks for events itself', push: 'events are pushed to it' },
    heard: (age: string) => `called ${age} ago`, heardNow: 'called just now', neverHeard: 'no call yet',
    figures: {
      accepted: 'Accepted up to no.', objects: 'Objects here', waiting: 'Wait for others', quarantine: 'In quarantine', outgoing: 'Not acknowledged by 1C',
      message: (age: string) => `message ${age} ago`, noMessage: 'no message yet', counted: (age: string) => `counted ${age} ago`, countedNow: 'counted now', counting: 'counting…',
      longest: (age: string) => `the longest ${age}`, nothingWaits: 'nothing waits', clean: 'all could be read', open: 'look at them', oldest: (age: string) => `the oldest ${age}`,
      given: (n: number) => `with 1C now: ${n}`, allGiven: 'all is sent',
    },
    never: {
      title: 'The base has never called',
      text: 'Posrednik knows it and waits for its first message. Set in 1C what stands below and press “Send” there.',
    },
    silent: {
      title: (age: string) => `The base has been silent for ${age}`, since: (at: string) => `Not one call since ${at}: `, never: 'Not one call: ',
      text: 'orders and “Ready” do not come from it, events for it wait and are not lost. Check the scheduled job of the exchange in 1C, the network and the address of Posrednik.',
    },
    refuses: {
      title: (n: number) => `1C has refused ${n} event${n === 1 ? '' : 's'}`,
      text: 'The lanes of these orders stand, the others go on. Remove the cause in 1C and replay.', link: 'Open “Stopped”',
    },
    doubt: {
      restored: (at: string) => `The base began a new epoch ${at}`, back: 'The numbers of the base went back',
      why: (reason: string) => `Reason: ${reason}. `, text: 'So it is when a base was restored from a copy or moved. What it still has is being compared; the exchange goes on. ',
      none: 'No slice is compared yet: 1C sends them itself.', compared: (n: number, m: number) => `Slices compared: ${n}, equal: ${m}.`,
      lost: (n: number) => `Here, but lost in 1C: ${n}. Each such object waits for a decision.`, link: 'Open the incidents', slices: 'Open the reconciliation',
      left: (list: string) => `Not confirmed yet: ${list}.`,
      ends: 'This ends by itself when the base has confirmed all that it sent before: sent it again or compared it, and what is lost was decided on. If a slice stays for more than a day, the base does not compare it or has nothing of it any more: send it from 1C again and start a comparison.',
    },
    gaps: {
      title: (n: number) => `${n} message${n === 1 ? ' has' : 's have'} not arrived`, numbers: (list: string) => `No. ${list}. `, more: (n: number) => ` and ${n} more`,
      text: '1C gave these numbers out and did not send them. Usually they come with the next sending; if not, send them again from 1C: their order does not matter.',
    },
    paused: { title: 'Sending to this base is paused', text: 'What it sends is taken. Events for it wait and go in order when sending goes on in the row of the system above.' },
    identity: { title: 'Epoch and copy of the base', id: 'Id', epoch: 'Epoch', number: (n: number) => `no. ${n}`, since: (at: string) => `since ${at}`, instance: 'Copy of the base', zone: 'Time zone', confirmed: 'Restore confirmed', none: 'none yet', instanceAbout: 'Messages of another copy of the same base, a test one for instance, are not taken.' },
    objects: {
      title: 'Objects by kind', kind: 'Kind', count: 'Here', deleted: 'Marked as deleted', changed: 'Last change', counting: 'Counting: the base is large, the figures come in a few seconds.', none: 'No object yet',
      noneText: 'They come with the first message of 1C or with the first load.', old: (age: string) => `Counted ${age} ago: a large base is counted seldom, so as not to disturb the exchange.`,
    },
    load: {
      title: 'First load',
      states: { reading: 'Running', checking: 'Running, comparing', unread: 'Waits for a worker', stopped: 'Stopped', failed: 'Broken off', agrees: 'Done', differs: 'Done' },
      none: 'Not begun', about: 'Posrednik reads all reference books and documents of the base once by OData and compares each object. Work in 1C is not disturbed, and no change meanwhile is lost.',
      notConfigured: 'Reading by OData is not configured for this base. It is not needed if 1C sends all objects by messages. To read by OData, add the section [bases.odata] with the address and a user of 1C to the configuration.',
      of: (done: string, total: string) => `${done} of ${total}`, objects: (n: number) => (n === 1 ? 'object' : 'objects'), unknownTotal: 'how many in all is not known yet', percent: (n: number) => `${n}\u202f%`,
      now: (kind: string) => `now: ${kind}`, rate: (n: string) => `${n} a second`, left: (span: string) => `${span} left`, leftUnknown: 'estimating what is left',
      checking: (n: number, all: number) => `All is read. Comparing with 1C: ${n} of ${all} kinds`,
      unread: 'Nobody reads it now. A worker takes it within seconds; if none did, start posrednik worker.',
      stopped: 'What was read is here and stays. “Go on” continues at the same place.', failed: 'The load was broken off', failedText: 'What was read is here and stays. Remove the cause and press “Go on”.',
      agrees: (n: number, text: string) => `${text} object${n === 1 ? ' is' : 's are'} read and compared: what is here is what is in 1C.`, differs: (n: number) => `${n} object${n === 1 ? ' does' : 's do'} not agree.`, countsDiffer: 'The counts here and in 1C do not agree.',
      show: 'Show what does not agree', bad: (n: string) => `In quarantine: ${n}`, by: (who: string, at: string) => `Begun ${at} (${who})`, finished: (at: string) => `done ${at}`, byKind: 'By kind', notes: (n: number) => `${n} note${n === 1 ? '' : 's'}`,
      columns: { kind: 'kind', done: 'read', bad: 'quarantined', theirs: 'in 1C', ours: 'here', differing: 'differs' }, bar: 'How much is read', barChecking: 'How many kinds are compared',
      buttons: { start: 'Start the load', stop: 'Stop', resume: 'Go on', anew: 'Start anew', again: 'Load once more' },
      ask: {
        start: { title: 'Start the first load?', text: 'Posrednik reads all that the base publishes, and compares. 1C gets a few requests at the same time; it can be stopped at any moment. What 1C sends by messages counts more than what is read.' },
        stop: { title: 'Stop the load?', text: 'The reader ends with its page. What was read stays, and it can go on at the same place.' },
        resume: { title: 'Go on with the load?', text: 'Reading goes on where it ended.' },
      },
      anew: { title: 'Start the load anew?', text: 'Reading begins at the very beginning. What was read stays and is renewed; the place where the load ended is forgotten.' },
      done: { start: 'The load has begun: a worker takes it within seconds.', stop: 'The load is stopped.', resume: 'The load goes on.' },
    },
    differing: {
      title: (name: string) => `Does not agree: ${name}`, reading: 'Reading the list', none: 'All agrees', noneText: 'Nothing differs since the last comparison.', most: (n: number) => `The first ${n} objects of each kind are shown.`, toWaiting: 'What it waits for',
      counts: (theirs: string, ours: string) => `in 1C ${theirs}, here ${ours}`,
      why: { missing: 'not here', version: 'another version', waiting: 'waits for what it refers to', quarantined: 'in quarantine', gone: 'not in 1C' },
      todo: {
        missing: 'Load once more; if that does not help, check the rights of the OData user.', version: 'Changed in 1C after it was read: its change is on the way.', waiting: 'It is applied by itself when the missing thing comes.',
        quarantined: 'Correct it in 1C or map the value, then apply it again.', gone: 'Deleted in 1C during the load, or hidden from the OData user.',
      },
    },
    waiting: {
      title: (name: string) => `Who waits for what: ${name}`, reading: 'Reading who waits for what', about: 'A document is applied when all it refers to is here. The rest goes on; what waits is applied by itself when the last missing thing comes.',
      none: 'Nobody waits for anything', noneText: 'Every document has all it refers to.', wanted: 'What is waited for', who: 'Who waits', commands: 'Commands wait for their order',
      count: (n: number, text: string) => `${text} wait${n === 1 ? 's' : ''}`, since: (at: string) => `since ${at}`, longest: (age: string) => `the longest ${age}`, number: (n: number) => `message no. ${n}`, byLoad: 'of a first load', more: (n: number) => `and ${n} more`,
      states: { absent: 'has not come yet', waiting: 'waits itself', quarantined: 'in quarantine' },
      todo: { absent: 'Send it from 1C: open and save it, it goes with the next sending.', waiting: 'It is applied together with it.', quarantined: 'Repair it in the quarantine; what waits is applied by itself.' },
      ask: { button: 'Ask 1C for it', title: (kinds: string) => `Ask 1C to send again: ${kinds}?`, text: '1C sends all objects of this kind again with its next sending. Nothing is lost or doubled; in a large base it takes a while.', done: 'Asked: 1C gets this with its events and sends all again.', already: 'This was asked less than a minute ago: wait for 1C to send.' },
      toQuarantine: 'Open in the quarantine', older: 'Show more', first: 'To the beginning', most: 'Very much is waited for: these are the most wanted of the first two hundred.', by: (who: string) => `pressed by ${who}`,
      types: { 'delivery.ready': '“Ready”', 'delivery.withdraw': 'Withdraw “Ready”', 'delivery.set_price': 'Delivery price', 'delivery.set_amount_due': 'Amount due', 'delivery.assign': 'Assign a courier', 'delivery.cancel': 'Cancel the delivery', 'backpack.load': 'Load the backpack', 'backpack.unload': 'Unload the backpack' },
    },
    connect: {
      none: 'There is no 1C base yet', noneText: 'Posrednik takes orders from 1C and tells it what happened. Connecting takes a few minutes.',
      file: 'Write the base into the configuration of Posrednik and restart it. The id is made already, you may keep it.', token: 'Make a token of the base. It is shown once.', onec: 'Enter address, id and token into the settings of the exchange in 1C, then press “Send”.',
      address: 'Address', id: 'Id of the base', sample: 'Trade', old: 'For an old 1C (8.2, UT 10.3) add encoding = "xml". To read all once by OData add the section [bases.odata]: a sample stands in config.example.toml.', steps: 'How to connect a base',
    },
    kinds: {
      division: 'divisions', product: 'products', warehouse: 'warehouses', counterparty: 'counterparties', courier: 'couriers', outlet: 'outlets', order: 'orders', shipment: 'shipments', receipt: 'receipts', transfer: 'transfers',
      return: 'returns', cash_receipt: 'cash receipts', price: 'prices', stock: 'stock',
    },
    one: {
      division: 'Division', product: 'Product', warehouse: 'Warehouse', counterparty: 'Counterparty', courier: 'Courier', outlet: 'Outlet', order: 'Order', shipment: 'Shipment', receipt: 'Receipt', transfer: 'Transfer',
      return: 'Return', cash_receipt: 'Cash receipt', price: 'Price', stock: 'Stock',
    },
  },
)

export const kindsTitle = (kind: string): string => b.kinds[kind] ?? kind
export const oneTitle = (kind: string): string => b.one[kind] ?? kind

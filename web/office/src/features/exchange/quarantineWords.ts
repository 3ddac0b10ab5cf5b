import type { Unread, ValueType } from '@shared/api/quarantine'
import { catalogue, plural } from '@shared/kit/i18n'
import { formatCount } from '@shared/kit/value'

import { fieldTitle, kindTitle } from './kinds'

/** Words of what lies in quarantine and of the maps that set it right. */
export const q = catalogue(
  {
    views: { reasons: 'Причины', objects: 'Объекты', maps: 'Сопоставления' }, view: 'Что показать',
    empty: 'пусто', unreadable: {
      text: 'не текст', guid: 'не ссылка', money: 'не сумма (рубли, не больше двух знаков после запятой)', quantity: 'не количество (не больше трёх знаков после запятой)',
      flag: 'не «да» и не «нет»', time: 'не дата', number: 'не число',
    } satisfies Record<ValueType, string> as Record<ValueType, string>,
    refersTo: (kind: string) => `не ссылка (вид «${kind}»)`,
    bad: (field: string, value: string, why: string) => `${field}: «${value}» — ${why}`, badShort: (field: string) => `${field}: значение не читается`, missing: (field: string) => `${field}: пусто, а без этого не применить`,
    unknownKind: (kind: string) => `Вид «${kind}» Посреднику неизвестен`, missingRef: 'Нет ссылки: непонятно, о каком объекте речь', notOwner: (field: string) => `Поле «${field}» заполняет только его владелец, а без него объекта нет (см. «Владение полями»)`,
    can: 'Сопоставьте значение или исправьте его в 1С и передайте снова.', cannot: 'Исправьте в 1С и передайте снова: верная версия снимет карантин сама.',
    objects: (n: number) => `${formatCount(n)} ${plural(n, 'объект', 'объекта', 'объектов')}`, since: (from: string, to: string) => `с ${from}, последний ${to}`,
    map: 'Сопоставить', mapWhat: (what: string) => `Сопоставить: ${what}`, again: 'Применить ещё раз', show: 'Показать объекты', shown: (n: number) => `Показаны ${n} самых частых причин.`,
    onlyBase: 'Показана база', onlyReason: 'Показаны объекты одной причины:', everything: 'показать все', technical: 'Как отказ записан',
    mapsAbout: 'Что пишет база и что это значит в Посреднике. Сопоставление действует на всё, что придёт, и на карантин; уже принятые объекты изменятся, когда 1С пришлёт их снова. Цепочек нет: новое значение должно быть окончательным.',
    noMaps: 'Сопоставлений нет', noMapsText: 'Добавьте первое здесь или кнопкой «Сопоставить» у причины карантина.', add: 'Добавить сопоставление',
    base: 'База', kind: 'Вид', field: 'Поле', theirs: 'В 1С написано', theirsHint: 'Как пришло, без учёта пробелов по краям; пустое поле — только для обязательных.', ours: 'В Посреднике значит', by: 'Кто и когда',
    remove: 'Убрать', removeWhat: (what: string) => `Убрать сопоставление: ${what}`, removeTitle: 'Убрать сопоставление?', removeText: 'Уже применённое останется. Новые объекты с этим значением снова попадут в карантин или будут ждать.', keep: 'Оставить',
    title: (what: string) => `Сопоставить: ${what}`, choose: 'Выберите', find: 'Найти по названию или ссылке', noneFound: 'Ничего не найдено. Передайте объект из 1С или поищите иначе.', ref: 'Ссылка (GUID)',
    hints: { text: 'Как должно быть', guid: 'Ссылка объекта (GUID)', money: 'Рубли: 1250.00', quantity: 'Число, до трёх знаков: 1.5', flag: 'Да или нет', time: '2026-11-23T10:00:00', number: 'Число' } as Record<ValueType, string>,
    values: { true: 'Да', false: 'Нет', cash: 'cash — наличными', card: 'card — картой', transfer: 'transfer — переводом', prepaid: 'prepaid — оплачено заранее' } as Record<string, string>,
    check: 'Проверить', save: (n: number) => (n ? `Сохранить и применить ${n}` : 'Сохранить'), not: 'Не сохранять',
    would: (n: number) => (n ? `Будет применено: ${n} ${plural(n, 'объект', 'объекта', 'объектов')}.` : 'Сейчас применять нечего: сопоставление подействует на то, что придёт.'),
    waits: (n: number) => `${n} ${plural(n, 'ждавший дождётся', 'ждавших дождутся', 'ждавших дождутся')}.`, stays: (n: number) => `Ещё ${n} не ${plural(n, 'читается', 'читаются', 'читаются')} и после этого: у них есть другая причина.`,
    mightMore: 'Их больше, чем проверяется за раз: остальные применятся следом.',
    saved: (n: number) => (n ? `Сохранено и применено: ${n}.` : 'Сохранено. Подействует на то, что придёт.'), goesOn: (n: number) => `Применяем остальные, готово ${n}.`,
  },
  {
    views: { reasons: 'Reasons', objects: 'Objects', maps: 'Maps' }, view: 'What to show',
    empty: 'empty', unreadable: {
      text: 'no text', guid: 'no reference', money: 'no sum (rubles, at most two digits after the point)', quantity: 'no quantity (at most three digits after the point)',
      flag: 'neither yes nor no', time: 'no date', number: 'no number',
    },
    refersTo: (kind: string) => `no reference (kind “${kind}”)`,
    bad: (field: string, value: string, why: string) => `${field}: “${value}” is ${why}`, badShort: (field: string) => `${field}: the value cannot be read`, missing: (field: string) => `${field}: empty, and it is needed`,
    unknownKind: (kind: string) => `The kind “${kind}” is unknown here`, missingRef: 'No ref: it does not say which object it is', notOwner: (field: string) => `Only its owner fills the field “${field}”, and without it there is no such object (see “Field ownership”)`,
    can: 'Map the value, or correct it in 1C and send it again.', cannot: 'Correct it in 1C and send it again: a good version clears it by itself.',
    objects: (n: number) => `${formatCount(n)} object${n === 1 ? '' : 's'}`, since: (from: string, to: string) => `since ${from}, the last ${to}`,
    map: 'Map', mapWhat: (what: string) => `Map: ${what}`, again: 'Apply again', show: 'Show objects', shown: (n: number) => `The ${n} most frequent reasons are shown.`,
    onlyBase: 'One base:', onlyReason: 'Objects of one reason:', everything: 'show all', technical: 'As the refusal was written down',
    mapsAbout: 'What a base writes and what it means here. A map holds for all that comes and for the quarantine; what was taken already changes when 1C sends it again. No chains: the new value must be the final one.',
    noMaps: 'No maps', noMapsText: 'Add the first one here, or by “Map” at a reason.', add: 'Add a map',
    base: 'Base', kind: 'Kind', field: 'Field', theirs: '1C writes', theirsHint: 'As it came, but for spaces around; empty only for required fields.', ours: 'Means here', by: 'Who and when',
    remove: 'Remove', removeWhat: (what: string) => `Remove the map: ${what}`, removeTitle: 'Remove the map?', removeText: 'What was applied stays. New objects with this value go to quarantine, or wait, again.', keep: 'Keep',
    title: (what: string) => `Map: ${what}`, choose: 'Choose', find: 'Find by name or ref', noneFound: 'Nothing found. Send the object from 1C, or look otherwise.', ref: 'Ref (GUID)',
    hints: { text: 'As it should be', guid: 'Ref of the object (GUID)', money: 'Rubles: 1250.00', quantity: 'A number, up to three digits: 1.5', flag: 'Yes or no', time: '2026-11-23T10:00:00', number: 'A number' },
    values: { true: 'Yes', false: 'No', cash: 'cash', card: 'card', transfer: 'transfer', prepaid: 'prepaid' },
    check: 'Check', save: (n: number) => (n ? `Save and apply ${n}` : 'Save'), not: 'Do not save',
    would: (n: number) => (n ? `${n} object${n === 1 ? '' : 's'} would be applied.` : 'Nothing to apply now: the map holds for what comes.'),
    waits: (n: number) => `${n} that waited would wait no more.`, stays: (n: number) => `${n} more still cannot be read: there is another reason.`,
    mightMore: 'There are more than are tried at once: the others follow.',
    saved: (n: number) => (n ? `Saved, ${n} applied.` : 'Saved. It holds for what comes.'), goesOn: (n: number) => `Applying the others, ${n} done.`,
  },
)

export const valueText = (value: string): string => (value ? (q.values[value] ?? value) : q.empty)

/** The reason as a person says it; what has no words of its own is told as it was written down. */
export function reasonText(one: Unread): string {
  const field = one.field ? fieldTitle(one.kind, one.field) : ''
  if (one.code === 'unknown_kind') return q.unknownKind(one.kind)
  if (one.code === 'missing_ref') return q.missingRef
  if (one.code === 'not_owner' && field) return q.notOwner(field)
  if (one.code === 'missing_field' && field) return q.missing(field)
  if (one.code !== 'unreadable_value' || !field || !one.expects) return one.message
  if (one.value === null) return q.badShort(field)
  return q.bad(field, one.value, one.refers ? q.refersTo(kindTitle(one.refers)) : q.unreadable[one.expects])
}

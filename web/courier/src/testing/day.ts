/** A rich day for tests and for looking at the screens: long names, by weight, prepaid, late, refused, rejected. */

import type { BackpackLine, Day, Delivery, Line, Load, Proof, ProofRules, QueueItem, Rules, Sale, ShownDelivery } from '../engine/types'

const HOUR = 3_600_000
const at = (hours: number): string => new Date(Math.floor(Date.now() / HOUR) * HOUR + hours * HOUR).toISOString()

const level = (photo: string, position: string, more: object = {}): NonNullable<ProofRules['depart']> => ({ photo, position, ...more }) as Record<Proof, 'off'>
export const PROOFS: ProofRules = {
  pick_up: level('warn', 'warn', { items: 'required' }),
  depart: level('optional', 'optional'),
  hand_over: level('required', 'warn', { amount: 'required' }),
  not_deliver: level('warn', 'warn'),
  give_back: level('optional', 'optional'),
  customer_return: level('optional', 'optional'),
}

export const aRules = (changes: Partial<Rules> = {}): Rules => ({
  name: 'Москва, Центр', phone: '+74951234567', time_zone: 'Europe/Moscow', radius_m: 200, cash_ceiling: '15000.00', oversale: '1', sale_receipt: true, proofs: PROOFS,
  reasons: [
    { code: 'not_home', title: { ru: 'нет дома', en: 'nobody at home' } }, { code: 'refused', title: { ru: 'отказ', en: 'refused' } },
    { code: 'wrong_address', title: { ru: 'не тот адрес', en: 'wrong address' } }, { code: 'rescheduled', title: { ru: 'перенос', en: 'rescheduled' } },
    { code: 'damaged', title: { ru: 'повреждён', en: 'damaged' } }, { code: 'no_money', title: { ru: 'нет денег', en: 'no money' } },
    { code: 'other', title: { ru: 'другое', en: 'other' } },
  ],
  ...changes,
})

export const aLine = (changes: Partial<Line> = {}): Line => ({
  line: '1', product: 'p1', characteristic: null, name: 'Термос «Вершина» 1 л, сталь', unit: 'шт', by_weight: false, quantity: '1', price: '990.00', sum: '990.00',
  picked: '0', accepted: '0', refused: '0', carried: '0', returned: '0', ...changes,
})

/** On the courier: picked up whole. */
export const carriedLine = (changes: Partial<Line> = {}): Line => {
  const line = aLine(changes)
  return { ...line, picked: line.quantity, carried: changes.carried ?? line.quantity }
}

export const aDelivery = (changes: Partial<ShownDelivery> = {}): ShownDelivery => ({
  id: 'd1', version: 3, division: 'v1', stage: 'en_route', mine: true, trial: false, order: { ref: 'r1', number: '000-123', site_number: '7001' },
  recipient: { name: 'Ирина Павлова', phone: '+79123456789' },
  address: { text: 'ул. Ленина, 10', entrance: '2', floor: '4', flat: '17', intercom: '17К', latitude: 55.7601, longitude: 37.6201 },
  window: { from: at(0), to: at(2) }, comment: null,
  lines: [carriedLine(), carriedLine({ line: '2', name: 'Плед шерстяной', price: '580.00', quantity: '2', sum: '1160.00' })],
  goods: '2150.00', delivery_price: '300.00', prepaid: '0.00', amount_due: '2450.00', amount_due_by_hand: false, payment_method: 'cash', receipt: false,
  amount_taken: null, reference: null, reason: null, reason_comment: null, next_date: null, retries: 0, goods_out: true, claimed_back: false,
  times: { ready_at: at(-5), picked_up_at: at(-2), departed_at: at(-1), handed_over_at: null, settled_at: null },
  photos: [], pending: [], attention: [], photos_on_the_way: 0, ...changes,
})

export const anItem = (changes: Partial<QueueItem> = {}): QueueItem => ({
  id: 'e1', seq: 7, type: 'delivery.pick_up', delivery: 'd1', order_number: '000-123', at_device: at(-2), payload: {}, photos: [], state: 'waiting', tries: 0,
  code: null, message: null, photos_left: 0, held_until: null, ...changes,
})

const order = (number: string): Delivery['order'] => ({ ref: `r${number}`, number, site_number: null })
const times = (picked: number | null, departed: number | null, handed: number | null, settled: number | null = null): Delivery['times'] => ({
  ready_at: at(-6), picked_up_at: picked === null ? null : at(picked), departed_at: departed === null ? null : at(departed),
  handed_over_at: handed === null ? null : at(handed), settled_at: settled === null ? null : at(settled),
})

export function richDeliveries(): ShownDelivery[] {
  const rejected = anItem({
    id: 'e9', delivery: 'd2', order_number: '000-124', type: 'delivery.hand_over', state: 'rejected', code: 'proof_missing', tries: 1, at_device: at(-1),
    message: 'Не хватает обязательного фото вручения. Сделайте фото и запишите шаг заново.',
  })
  const onWay = anItem({ id: 'e5', delivery: 'd3', order_number: '000-125', photos: ['f1', 'f2'], photos_left: 2, tries: 3 })
  return [
    aDelivery({
      receipt: true, comment: 'Позвонить за час. Домофон работает через раз, во дворе шлагбаум: въезд с Сретенского бульвара.',
      lines: [
        carriedLine(), carriedLine({ line: '2', name: 'Плед шерстяной двусторонний «Северное сияние» 150 × 200 см, серо-голубой, в подарочной упаковке', price: '580.00', quantity: '2', sum: '1160.00' }),
        carriedLine({ line: '3', name: 'Сыр «Пошехонский» фермерский', unit: 'кг', by_weight: true, price: '1240.00', quantity: '1.25', sum: '1550.00' }),
      ],
      goods: '3700.00', amount_due: '4000.00',
    }),
    aDelivery({ id: 'd2', order: order('000-124'), window: { from: at(1), to: at(3) }, attention: [rejected], recipient: { name: 'Александра Константинопольская-Преображенская', phone: '+79037654321' }, address: { text: 'Москва, Большая Сухаревская площадь, дом 16/18, строение 2, бизнес-центр «Сухаревский», вход со двора', floor: '7', flat: '712', latitude: 55.77, longitude: 37.63 } }),
    aDelivery({ id: 'd3', order: order('000-125'), stage: 'picked_up', window: { from: at(2), to: at(4) }, pending: [onWay], photos_on_the_way: 2, times: times(-1, null, null), recipient: { name: 'Олег Сергеевич', phone: '+79161112233' }, address: { text: 'Цветной бульвар, 21, стр. 7', flat: '5' } }),
    aDelivery({ id: 'd4', order: order('000-126'), stage: 'ready', goods_out: false, window: { from: at(3), to: at(5) }, lines: [aLine({ quantity: '3', sum: '2970.00' }), aLine({ line: '2', name: 'Кружка походная', price: '350.00', sum: '350.00' })], prepaid: '3620.00', amount_due: '0.00', goods: '3320.00', payment_method: 'prepaid', times: times(null, null, null), recipient: { name: 'Мария', phone: '' }, address: { text: 'ул. Покровка, 3/7, стр. 1А' } }),
    aDelivery({ id: 'd5', order: order('000-127'), stage: 'ready', goods_out: false, window: { from: at(-3), to: at(-1) }, lines: [aLine()], goods: '990.00', amount_due: '1100.00', amount_due_by_hand: true, trial: true, times: times(null, null, null), recipient: { name: 'ООО «Ромашка», приёмная', phone: '+74957778899' }, address: { text: 'Мясницкая ул., 24/7, стр. 3', floor: '2' } }),
    aDelivery({ id: 'd6', order: order('000-128'), stage: 'cancelled', window: null, recipient: { name: 'Пётр', phone: '+79261234567' }, address: { text: 'Рождественка, 11' } }),
    aDelivery({ id: 'd7', order: order('000-129'), stage: 'not_delivered', reason: 'not_home', reason_comment: 'Звонил трижды, соседи сказали: уехали до вечера.', next_date: tomorrow(), retries: 1, window: { from: at(-2), to: at(0) }, recipient: { name: 'Светлана', phone: '+79851234567' }, address: { text: 'Трубная ул., 30', flat: '88' } }),
    aDelivery({
      id: 'd8', order: order('000-118'), stage: 'handed_over', amount_due: '1870.00', amount_taken: '1870.00', times: times(-4, -4, -3), window: { from: at(-4), to: at(-2) }, recipient: { name: 'Денис', phone: '+79150000001' }, address: { text: 'Неглинная ул., 8/10' },
      lines: [carriedLine({ accepted: '1', carried: '0' }), carriedLine({ line: '2', name: 'Плед шерстяной', price: '580.00', quantity: '2', sum: '1160.00', accepted: '1', refused: '1', carried: '1' })],
    }),
    aDelivery({ id: 'd9', order: order('000-117'), stage: 'handed_over', goods_out: false, amount_due: '1290.00', amount_taken: '1250.00', lines: [carriedLine({ accepted: '1', carried: '0' })], goods: '990.00', times: times(-4, -4, -4), window: { from: at(-5), to: at(-3) }, recipient: { name: 'Антонина', phone: '+79150000002' }, address: { text: 'Петровка, 20/1' } }),
    aDelivery({ id: 'd10', order: order('000-116'), stage: 'settled', goods_out: false, goods: '990.00', amount_due: '1290.00', amount_taken: '1290.00', payment_method: 'card', lines: [carriedLine({ accepted: '1', carried: '0' })], times: times(-6, -6, -5, -5), window: { from: at(-6), to: at(-4) }, recipient: { name: 'Игорь', phone: '+79150000003' }, address: { text: 'Столешников пер., 14' } }),
  ]
}

const tomorrow = (): string => new Date(Date.now() + 24 * HOUR).toISOString().slice(0, 10)

export const BACKPACK: BackpackLine[] = [
  { product: 'p1', characteristic: null, name: 'Термос «Вершина» 1 л, сталь', unit: 'шт', by_weight: false, quantity: '4', price: '990.00', pending: '0', barcodes: ['4600000000017'], code: 'ТМ-001', article: 'TV-1', sold: 14 },
  { product: 'p2', characteristic: 'c2', name: 'Чай «Иван-чай» листовой, 100 г', unit: 'шт', by_weight: false, quantity: '12', price: '340.00', pending: '0', barcodes: ['4600000000024'], code: 'ЧЙ-002', article: null, sold: 9 },
  { product: 'p3', characteristic: null, name: 'Орехи кедровые на развес', unit: 'кг', by_weight: true, quantity: '2.5', price: '1800.00', pending: '0', barcodes: [], code: 'ОР-003', article: null, sold: 3 },
  { product: 'p4', characteristic: null, name: 'Плед шерстяной двусторонний «Северное сияние» 150 × 200 см, серо-голубой, в подарочной упаковке', unit: 'шт', by_weight: false, quantity: '1', price: '5800.00', pending: '0', barcodes: [], code: 'ПЛ-004', article: 'PL-150', sold: 0 },
  { product: 'p5', characteristic: null, name: 'Открытка', unit: 'шт', by_weight: false, quantity: '10', price: null, pending: '0', barcodes: [], code: null, article: null, sold: 0 },
  { product: 'p6', characteristic: null, name: 'Кружка походная', unit: 'шт', by_weight: false, quantity: '-1', price: '350.00', pending: '0', barcodes: [], code: null, article: null, sold: 5 },
]

export const SALES: Sale[] = [
  { id: 's7', at: at(-2), lines: [{ product: 'p1', characteristic: null, name: 'Термос «Вершина» 1 л, сталь', quantity: '1', price: '990.00', sum: '990.00' }], sum: '990.00', payment_method: 'cash', reference: null, receipt: true, receipt_url: null, delivery: null, corrected: false },
  { id: 's6', at: at(-3), lines: [{ product: 'p2', characteristic: 'c2', name: 'Чай «Иван-чай» листовой, 100 г', quantity: '2', price: '340.00', sum: '680.00' }], sum: '680.00', payment_method: 'transfer', reference: '4411', receipt: true, receipt_url: null, delivery: 'd8', corrected: true },
]

/** Ten pieces of tea and a kilogram of nuts wait to be counted; they are in the backpack already. */
export const LOADS: Load[] = [{
  id: 'l1', document: 'ПТ-000012', at: at(-1),
  lines: [{ product: 'p2', characteristic: 'c2', name: 'Чай «Иван-чай» листовой, 100 г', unit: 'шт', quantity: '10' }, { product: 'p3', characteristic: null, name: 'Орехи кедровые на развес', unit: 'кг', quantity: '1' }],
}]

const inMoscow = (at: Date): string => new Intl.DateTimeFormat('en-CA', { timeZone: 'Europe/Moscow' }).format(at)

export const aDay = (changes: Partial<Day> = {}): Day => ({
  server_time: new Date().toISOString(), day: inMoscow(new Date()), time_zone: 'Europe/Moscow', rules_version: 'a1b2',
  courier: { ref: 'c1', name: 'Пётр Иванов', phone: '+79990001122', division: 'v1' }, rules: { v1: aRules() }, deliveries: [],
  backpack: BACKPACK, backpack_version: 4, backpack_loads: [], sales: SALES,
  cash: {
    change: '2000.00', collected: '3120.00', to_hand_in: '6110.00', sold: '990.00', handed_in: '0.00', refunded: '0.00', ceiling: '15000.00', ceiling_state: 'none', hand_in_code: null,
    lines: [
      { id: 's7', at: at(-2), kind: 'sale', sum: '990.00', order_number: null, receiver: null },
      { id: 'h1', at: at(-3), kind: 'delivery', sum: '1870.00', order_number: '000-118', receiver: null },
      { id: 'h2', at: at(-4), kind: 'delivery', sum: '1250.00', order_number: '000-117', receiver: null },
      { id: 'i1', at: at(-5), kind: 'hand_in', sum: '-1500.00', order_number: null, receiver: 'Анна Кузнецова' },
      { id: 'c1', at: at(-6), kind: 'change', sum: '2000.00', order_number: null, receiver: null },
    ],
  },
  shift: { id: 's1', opened_at: at(-6), change: '2000.00' }, device: null, ...changes,
})

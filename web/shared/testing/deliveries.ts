import type { BoardCard, Delivery, Line, WholeDelivery } from '@shared/api/types'

export const aLine = (changes: Partial<Line> = {}): Line => ({
  line: '1', name: 'Термос', unit: 'шт', quantity: '2', price: '990.00', sum: '1980.00', accepted: null, refused: null, carried: null,
  ...changes,
})

export const aDelivery = (changes: Partial<Delivery> = {}): Delivery => ({
  id: '0199-1', order_ref: 'r1', order_number: '000-123', site_number: '7001', stage: 'en_route', version: 3,
  courier: { ref: 'c1', name: 'Петров Иван' }, division: { ref: 'd1', name: 'Москва' },
  recipient: { name: 'Ирина П.', phone: '+7912***6789' }, address: { text: 'ул. Ленина, 10', flat: '17' }, window: null, time_zone: 'Europe/Moscow', comment: null,
  lines: [aLine(), aLine({ line: '2', name: 'Сыр', unit: 'кг', quantity: '1.25', price: '640.00', sum: '800.00' })],
  delivery_price: '300.00', prepaid: '0.00', amount_due: '3080.00', amount_due_by_hand: false, amount_taken: null, payment_method: null,
  reason: null, next_date: null, claimed_back: null, incidents: 0, photos: 0, trial: false, changed_at: '2026-11-22T10:00:00+00:00', allowed: ['hand_over', 'not_deliver', 'cancel'],
  ...changes,
})

export const aWhole = (changes: Partial<WholeDelivery> = {}): WholeDelivery => ({
  ...aDelivery(), planned_day: '2026-11-22', discrepant: false, money: [], comments: [], systems: [], ...changes,
})

export const aCard = (changes: Partial<BoardCard> = {}): BoardCard => ({
  id: '0199-1', order_ref: 'r1', order_number: '000-123', site_number: '7001', stage: 'en_route', version: 3,
  courier: { ref: 'c1', name: 'Петров Иван' }, division: { ref: 'd1', name: 'Москва' },
  recipient: { name: 'Ирина П.', phone: '+7912***6789' }, address: { text: 'ул. Ленина, 10', flat: '17' }, window: null, time_zone: 'Europe/Moscow',
  planned_day: '2026-11-22', left_over: false, since: '2026-11-22T09:20:00+00:00', amount_due: '3080.00', amount_taken: null, on_hand: '0.00',
  payment_method: null, claimed_back: false, incidents: 0, trouble: null, discrepant: false, photos: 0, place: null, comments: 0, next_date: null,
  trial: false, changed_at: '2026-11-22T10:00:00+00:00', allowed: ['hand_over', 'not_deliver', 'cancel'], ...changes,
})

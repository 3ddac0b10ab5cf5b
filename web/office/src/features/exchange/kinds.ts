/** Kinds and fields of the exchange as people call them. */
import { catalogue } from '@shared/kit/i18n'

const k = catalogue(
  {
    kinds: {
      division: 'Подразделение', product: 'Товар', warehouse: 'Склад', counterparty: 'Контрагент', courier: 'Курьер', order: 'Заказ', price: 'Цена', stock: 'Остаток',
      outlet: 'Точка', shipment: 'Отгрузка', return: 'Возврат', receipt: 'Поступление', transfer: 'Перемещение', cash_receipt: 'Приход денег',
    } as Record<string, string>,
    fields: {
      name: 'Наименование', parent: 'Родитель', code: 'Код', unit: 'Единица', article: 'Артикул', vat: 'НДС', is_service: 'Услуга', by_weight: 'Весовой', group: 'Группа', product: 'Товар',
      price_type: 'Вид цены', price: 'Цена', characteristic: 'Характеристика', packaging: 'Упаковка', currency: 'Валюта', warehouse: 'Склад', quantity: 'Количество', reserved: 'В резерве', inn: 'ИНН', phone: 'Телефон',
      email: 'Почта', legal: 'Юридическое лицо', division: 'Подразделение', courier: 'Курьер', active: 'Работает', bitrix24_user: 'Пользователь Битрикс24', address: 'Адрес', number: 'Номер',
      date: 'Дата', site_number: 'Номер на сайте', counterparty: 'Контрагент', comment: 'Комментарий', delivery_price: 'Цена доставки', prepaid: 'Предоплата', payment_method: 'Способ оплаты',
      receipt: 'Нужен чек', status: 'Статус', recipient: 'Получатель', window: 'Время доставки', lines: 'Строки', line: 'Номер строки', sum: 'Сумма', cancelled: 'Отменена', order: 'Заказ',
      from: 'Откуда', to: 'Куда', text: 'Текст', entrance: 'Подъезд', floor: 'Этаж', flat: 'Квартира', intercom: 'Домофон', latitude: 'Широта', longitude: 'Долгота',
      kind: 'Вид', ref: 'Ссылка', deleted: 'Пометка удаления', posted: 'Проведён', event: 'Событие',
    } as Record<string, string>,
    within: { 'window.from': 'Доставить с', 'window.to': 'Доставить до' } as Record<string, string>,
    of: { lines: 'в строке', recipient: 'получателя', address: 'в адресе' } as Record<string, string>,
  },
  {
    kinds: {
      division: 'Division', product: 'Product', warehouse: 'Warehouse', counterparty: 'Counterparty', courier: 'Courier', order: 'Order', price: 'Price', stock: 'Stock',
      outlet: 'Outlet', shipment: 'Shipment', return: 'Return', receipt: 'Receipt', transfer: 'Transfer', cash_receipt: 'Cash receipt',
    },
    fields: {
      name: 'Name', parent: 'Parent', code: 'Code', unit: 'Unit', article: 'Article', vat: 'VAT', is_service: 'Service', by_weight: 'By weight', group: 'Group', product: 'Product',
      price_type: 'Kind of price', price: 'Price', characteristic: 'Characteristic', packaging: 'Packaging', currency: 'Currency', warehouse: 'Warehouse', quantity: 'Quantity', reserved: 'Reserved', inn: 'INN', phone: 'Phone',
      email: 'Mail', legal: 'Legal person', division: 'Division', courier: 'Courier', active: 'Active', bitrix24_user: 'Bitrix24 user', address: 'Address', number: 'Number',
      date: 'Date', site_number: 'Number on the site', counterparty: 'Counterparty', comment: 'Comment', delivery_price: 'Delivery price', prepaid: 'Prepaid', payment_method: 'Paid by',
      receipt: 'Receipt wanted', status: 'Status', recipient: 'Recipient', window: 'Delivery time', lines: 'Lines', line: 'Number of the line', sum: 'Sum', cancelled: 'Cancelled', order: 'Order',
      from: 'From', to: 'To', text: 'Text', entrance: 'Entrance', floor: 'Floor', flat: 'Flat', intercom: 'Intercom', latitude: 'Latitude', longitude: 'Longitude',
      kind: 'Kind', ref: 'Ref', deleted: 'Deleted', posted: 'Posted', event: 'Event',
    },
    within: { 'window.from': 'Deliver from', 'window.to': 'Deliver until' },
    of: { lines: 'of a line', recipient: 'of the recipient', address: 'of the address' },
  },
)

export const kindTitle = (kind: string): string => k.kinds[kind] ?? kind

/** `lines.product` of any kind: «Товар (в строке)». */
export function fieldTitle(kind: string, field: string): string {
  const known = k.within[field]
  if (known) return known
  const [part, name] = field.includes('.') ? field.split('.', 2) : ['', field]
  const title = k.fields[name ?? ''] ?? name ?? ''
  return part ? `${title} (${k.of[part] ?? k.fields[part] ?? part})` : title || kindTitle(kind)
}

/** What people do, in words. Each operation of the OpenAPI that changes something has its own here, in both languages:
 *  tests/flow/test_audit.py holds this file against what is published. */

import { catalogue } from '@shared/kit/i18n'

export const words = catalogue(
  {
    operations: {
      actOnDelivery: 'Шаг доставки', commentOnDelivery: 'Комментарий к доставке', putPhoto: 'Приложено фото',
      decideIncident: 'Решение по случаю', decideIncidents: 'Решение по нескольким случаям',
      countCash: 'Пересчитаны деньги курьера', confirmCount: 'Подтверждена сдача денег', cancelCount: 'Отменён пересчёт денег',
      issueChange: 'Выдан размен', correctCash: 'Исправлена запись кассы', decideDifference: 'Проведена разница кассы',
      writeOff: 'Списана недостача рюкзака', foundPiece: 'Недостающий товар нашёлся', closeShift: 'Закрыта смена курьера',
      loginCode: 'Выдан код входа курьеру', revokeDevice: 'Отключён телефон курьера',
      replay: 'Сообщения отправлены заново', skip: 'Сообщение пропущено', sendNow: 'Очередь отправлена сейчас',
      switchDestination: 'Остановлена или включена отправка', replayQuarantine: 'Карантин разобран заново', mapValue: 'Значение базы сопоставлено', unmapValue: 'Сопоставление значения убрано', askSlice: 'Срез запрошен у 1С заново', startReconciliation: 'Начата сверка с 1С', actOnLoad: 'Первая загрузка базы',
      switchMode: 'Переключён режим подразделения', pilotCouriers: 'Изменён состав пилота', markTrial: 'Заказ помечен пробным', sendWeek: 'Итоги недели отправлены в чат',
      changeDivision: 'Изменены настройки подразделения', lookAtSettings: 'Показаны настройки без сохранения', mapCourier: 'Курьеру задан пользователь Битрикс24', readPortalPeople: 'Прочитаны пользователи и проекты портала', checkPortal: 'Проверено подключение к порталу', changeOwnership: 'Изменены владельцы полей',
      freezeBaseline: 'Зафиксирована база сравнения KPI', importBaselines: 'Загружены базы сравнения KPI',
      subscribe: 'Создана подписка', changeSubscription: 'Изменена подписка', unsubscribe: 'Удалена подписка',
      rotateSecret: 'Выпущен новый секрет подписки', testSubscription: 'Отправлено пробное событие',
      makeToken: 'Выпущен ключ доступа', revokeToken: 'Отозван ключ доступа',
      addPerson: 'Добавлен сотрудник', changePerson: 'Изменена учётная запись', resetPassword: 'Выдан одноразовый пароль',
      unlockPerson: 'Снята блокировка входа', resetTotp: 'Снят второй фактор сотрудника', endSessions: 'Завершены сеансы сотрудника',
      changePassword: 'Сменён свой пароль', beginTotp: 'Начата настройка второго фактора', confirmTotp: 'Включён свой второй фактор', endTotp: 'Выключен свой второй фактор',
      endMySession: 'Завершён свой сеанс', signIn: 'Вход', signInByPortal: 'Вход из Битрикс24', signOut: 'Выход',
    } as Record<string, string>,
    commands: {
      'user.add': 'Добавлен сотрудник', 'user.password': 'Выдан одноразовый пароль', 'user.roles': 'Изменены роли', 'user.lock': 'Доступ закрыт', 'user.unlock': 'Доступ возвращён',
      'user.totp_off': 'Снят второй фактор сотрудника', 'user.sessions_end': 'Завершены сеансы сотрудника', 'baseline.freeze': 'Зафиксирована база сравнения KPI', 'pilot.switch': 'Переключён режим подразделения',
      'exchange.replay': 'Карантин разобран заново', 'exchange.map': 'Значение базы сопоставлено', 'exchange.unmap': 'Сопоставление значения убрано',
    } as Record<string, string>,
    steps: {
      pick_up: 'Записано «Забрал»', depart: 'Записано «В пути»', hand_over: 'Записано «Отдал»', not_deliver: 'Записано «Не вручил»', retry: 'Назначена повторная доставка',
      assign: 'Назначен курьер', cancel: 'Доставка отменена', claim_give_back: 'Записано «Везу на склад»', give_back: 'Товар принят на склад',
      settle: 'Записано «Сдал деньги»', customer_return: 'Принят возврат от покупателя',
    } as Record<string, string>,
    decisions: {
      accepted: 'принять как есть', corrected: 'исправлено', rejected: 'отклонить', explained: 'объяснено', settled: 'провести разницу', written_off: 'списать недостачу', found: 'товар нашёлся', recreated: 'создать задачу заново', left: 'оставить без задачи',
      shortage: 'недостача', surplus: 'излишек',
    } as Record<string, string>,
    reasons: {
      not_home: 'нет дома', refused: 'отказ', wrong_address: 'не тот адрес', rescheduled: 'перенос', damaged: 'повреждён', no_money: 'нет денег', other: 'другое',
    } as Record<string, string>,
    modes: { off: 'выключено', shadow: 'теневой режим', pilot: 'пилот', live: 'работает' } as Record<string, string>,
    loads: { start: 'начата', stop: 'остановлена', resume: 'продолжена' } as Record<string, string>,
    paused: 'Остановлена отправка', resumed: 'Включена отправка', unmarked: 'Снята пометка «пробный»', closed: 'Доступ закрыт', opened: 'Доступ возвращён', unassigned: 'Снят курьер',
    lane: (lane: string, message: string) => `очередь ${lane}, сообщение ${message}`,
    photo: (sign: string) => `фото ${sign}`, yes: 'да', no: 'нет',
    fields: {
      action: 'Шаг', courier: 'Курьер', couriers: 'Курьеры', reason: 'Причина', decision: 'Решение', comment: 'Комментарий', text: 'Текст', mode: 'Режим', version: 'Версия', lines: 'Строки', line: 'Строка',
      quantity: 'Количество', amount_taken: 'Взято, ₽', payment_method: 'Способ оплаты', difference_reason: 'Причина расхождения', next_date: 'Новая дата', refund: 'Вернуть, ₽', photos: 'Фото', code: 'Код',
      counted: 'Сосчитано, ₽', declared: 'Сдаётся, ₽', sum: 'Сумма, ₽', second: 'Второй сотрудник', event: 'Запись', ids: 'Выбрано', state: 'Состояние', changes: 'Изменения', force: 'Несмотря на список',
      dry_run: 'Только посмотреть', order: 'Заказ', trial: 'Пробный', division: 'Подразделение', divisions: 'Подразделения', name: 'Имя', login: 'Логин', email: 'Почта', roles: 'Роли', active: 'Работает',
      bitrix24_user: 'Пользователь Битрикс24', url: 'Адрес', events: 'События', kind: 'Вид', product: 'Товар', base: 'База', entry: 'Вход', browser: 'Браузер', address: 'Адрес', bytes: 'Байт', day: 'День', from: 'С', to: 'По', field: 'Поле', theirs: 'В 1С', ours: 'Значит', value: 'Значение',
    } as Record<string, string>,
  },
  {
    operations: {
      actOnDelivery: 'A step of a delivery', commentOnDelivery: 'Comment on a delivery', putPhoto: 'Photo added',
      decideIncident: 'Incident decided', decideIncidents: 'Several incidents decided',
      countCash: 'Courier’s cash counted', confirmCount: 'Hand-in confirmed', cancelCount: 'Count of cash given up',
      issueChange: 'Change issued', correctCash: 'Line of the cash desk corrected', decideDifference: 'Cash difference booked',
      writeOff: 'Shortage of a backpack written off', foundPiece: 'Missing goods found', closeShift: 'Courier’s shift closed',
      loginCode: 'Sign-in code given to a courier', revokeDevice: 'Courier’s phone shut out',
      replay: 'Messages sent again', skip: 'Message skipped', sendNow: 'Lane sent now',
      switchDestination: 'Sending stopped or switched on', replayQuarantine: 'Quarantine read again', mapValue: 'A base’s value mapped', unmapValue: 'Map of a value removed', askSlice: 'Slice asked of 1C again', startReconciliation: 'Comparison with 1C begun', actOnLoad: 'First load of a base',
      switchMode: 'Mode of a division switched', pilotCouriers: 'Couriers of the pilot changed', markTrial: 'Order marked as a trial', sendWeek: 'Week’s summary sent to the chat',
      changeDivision: 'Settings of a division changed', lookAtSettings: 'Settings looked at without saving', mapCourier: 'Courier’s Bitrix24 user set', readPortalPeople: 'Users and projects of the portal read', checkPortal: 'Connection to the portal checked', changeOwnership: 'Owners of fields changed',
      freezeBaseline: 'Baseline of KPI frozen', importBaselines: 'Baselines of KPI loaded',
      subscribe: 'Subscription made', changeSubscription: 'Subscription changed', unsubscribe: 'Subscription removed',
      rotateSecret: 'New secret of a subscription', testSubscription: 'Test event sent',
      makeToken: 'Access key made', revokeToken: 'Access key revoked',
      addPerson: 'Person added', changePerson: 'Account changed', resetPassword: 'One-time password given',
      unlockPerson: 'Sign-in unlocked', resetTotp: 'Person’s second factor taken off', endSessions: 'Person’s sessions ended',
      changePassword: 'Own password changed', beginTotp: 'Second factor begun', confirmTotp: 'Own second factor on', endTotp: 'Own second factor off',
      endMySession: 'Own session ended', signIn: 'Signed in', signInByPortal: 'Signed in from Bitrix24', signOut: 'Signed out',
    },
    commands: {
      'user.add': 'Person added', 'user.password': 'One-time password given', 'user.roles': 'Roles changed', 'user.lock': 'Access closed', 'user.unlock': 'Access given back',
      'user.totp_off': 'Person’s second factor taken off', 'user.sessions_end': 'Person’s sessions ended', 'baseline.freeze': 'Baseline of KPI frozen', 'pilot.switch': 'Mode of a division switched',
      'exchange.replay': 'Quarantine read again', 'exchange.map': 'A base’s value mapped', 'exchange.unmap': 'Map of a value removed',
    },
    steps: {
      pick_up: 'Recorded “picked up”', depart: 'Recorded “on the way”', hand_over: 'Recorded “handed over”', not_deliver: 'Recorded “not delivered”', retry: 'To be delivered again',
      assign: 'Courier assigned', cancel: 'Delivery cancelled', claim_give_back: 'Recorded “bringing back”', give_back: 'Goods taken into the warehouse',
      settle: 'Recorded “money handed in”', customer_return: 'Return by the customer taken',
    },
    decisions: {
      accepted: 'accept as it is', corrected: 'corrected', rejected: 'reject', explained: 'explained', settled: 'book the difference', written_off: 'write the shortage off', found: 'the goods were found', recreated: 'make the task anew', left: 'leave it without a task',
      shortage: 'shortage', surplus: 'surplus',
    },
    reasons: {
      not_home: 'nobody at home', refused: 'refused', wrong_address: 'wrong address', rescheduled: 'rescheduled', damaged: 'damaged', no_money: 'no money', other: 'other',
    },
    modes: { off: 'off', shadow: 'shadow', pilot: 'pilot', live: 'live' },
    loads: { start: 'started', stop: 'stopped', resume: 'resumed' },
    paused: 'Sending stopped', resumed: 'Sending switched on', unmarked: 'No trial any more', closed: 'Access closed', opened: 'Access given back', unassigned: 'Courier taken off',
    lane: (lane: string, message: string) => `lane ${lane}, message ${message}`,
    photo: (sign: string) => `photo ${sign}`, yes: 'yes', no: 'no',
    fields: {
      action: 'Step', courier: 'Courier', couriers: 'Couriers', reason: 'Reason', decision: 'Decision', comment: 'Comment', text: 'Text', mode: 'Mode', version: 'Version', lines: 'Lines', line: 'Line',
      quantity: 'Quantity', amount_taken: 'Taken, ₽', payment_method: 'Paid by', difference_reason: 'Reason of the difference', next_date: 'New day', refund: 'To refund, ₽', photos: 'Photos', code: 'Code',
      counted: 'Counted, ₽', declared: 'Handed in, ₽', sum: 'Sum, ₽', second: 'Second person', event: 'Line', ids: 'Chosen', state: 'State', changes: 'Changes', force: 'Although the list says no',
      dry_run: 'Only to look', order: 'Order', trial: 'Trial', division: 'Division', divisions: 'Divisions', name: 'Name', login: 'Login', email: 'Mail', roles: 'Roles', active: 'Active',
      bitrix24_user: 'Bitrix24 user', url: 'Address', events: 'Events', kind: 'Kind', product: 'Product', base: 'Base', entry: 'Entry', browser: 'Browser', address: 'Address', bytes: 'Bytes', day: 'Day', from: 'From', to: 'To', field: 'Field', theirs: 'In 1C', ours: 'Means', value: 'Value',
    },
  },
)

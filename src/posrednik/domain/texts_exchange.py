"""What the doors say, by code: (Russian, English). What happened, what it means, what to do."""

from collections.abc import Mapping

EXCHANGE: Mapping[str, tuple[str, str]] = {
    "awaits_resend": (
        "Сервер восстановлен из копии и ждёт данных 1С. Шаг остался в телефоне и уйдёт сам, делать ничего не нужно.",
        "The server was restored from a copy and waits for 1C's data. The step stays on the phone and goes by itself.",
    ),
    "load_running": (
        "Первая загрузка этой базы уже идёт. Новая не начата. Дождитесь конца или остановите её и начните заново.",
        "The first load of this base is under way. No new one was begun. Wait for its end, or stop it and start anew.",
    ),
    "load_none": (
        "У этой базы нет загрузки, которую можно остановить или продолжить. Ничего не изменено. Начните загрузку.",
        "This base has no load to stop or to go on with. Nothing was changed. Start one.",
    ),
    "load_not_configured": (
        "Для этой базы не настроен интерфейс OData. Загрузка не начата. Укажите адрес, пользователя и пароль в разделе "
        "[bases.odata] настроек.",
        "OData of this base is not configured. No load was begun. Put its address, user, password into [bases.odata] "
        "of the settings.",
    ),
    "not_together": (
        "Вместе решают только сомнения одного вида о доказательствах шага. Ничего не записано. Выберите случаи одного "
        "вида, остальные решите по одному.",
        "Only doubts of one kind about the evidence of steps are decided together. Nothing was recorded. Choose "
        "incidents of one kind and decide the others one by one.",
    ),
    "cannot_send_now": (
        "Ускорить эту дорожку нельзя: её сообщение уже в пути, сначала проверяется, или ждёт решения человека. Ничего "
        "не изменено. Почему она ждёт, написано в её строке.",
        "This lane cannot be hastened: its message is on the way, is being looked up, or waits for a person. Nothing "
        "was changed. Its row says why it waits.",
    ),
    "unknown_base": (
        "Посредник не знает такой базы. Ничего не принято. Добавьте базу в настройках Посредника и повторите.",
        "This base is not known here. Nothing was taken. Add the base to the settings and try again.",
    ),
    "unknown_epoch": (
        "Эпоха обмена не та, что действует. Сообщение не тронуто. Если база восстановлена из копии, начните новую "
        "эпоху (/exchange/epochs).",
        "The epoch is not the current one. The message is untouched. If the base was restored from a copy, begin a "
        "new epoch (/exchange/epochs).",
    ),
    "other_instance": (
        "Пишет другая копия базы: эпоха та же, а экземпляр другой. Сообщение не тронуто. Отключите обмен в копии "
        "или, если база переехала, начните новую эпоху.",
        "Another copy of the base is writing: same epoch, other instance. The message is untouched. Switch the "
        "exchange off in the copy or, if the base has moved, begin a new epoch.",
    ),
    "message_conflict": (
        "Этот номер уже занят сообщением с другим содержимым. База восстановлена из копии? Сообщение не тронуто. "
        "Продолжайте с номера после last_accepted или начните новую эпоху.",
        "This number was used by a message with other content. Was the base restored from a copy? The message is "
        "untouched. Go on after last_accepted, or begin a new epoch.",
    ),
    "old_epoch": (
        "Эта эпоха уже была и закончена, вернуться в неё нельзя. Начните новую эпоху с новым идентификатором.",
        "This epoch was here before and has ended. Begin a new one with a new identifier.",
    ),
    "command_conflict": (
        "Команда с этим идентификатором уже была, с другим содержимым. Новая не выполнена. Нажмите кнопку ещё раз: "
        "у нажатия будет свой идентификатор.",
        "A command with this id was here with other content. This one was not carried out. Press the button again.",
    ),
    "comment_empty": (
        "Комментарий пустой или длиннее 2000 знаков, он не записан. Напишите короче.",
        "The comment is empty or longer than 2000 characters and was not recorded. Make it shorter.",
    ),
    "digest_wrong": (
        "Сверка не читается: вид объектов, месяц (ГГГГ-ММ), количество, хеш, список или номер сверки записаны неверно, "
        "или список слишком длинный. Ничего не изменено. Исправьте выгрузку сверки в 1С.",
        "The comparison cannot be read: kind, month (YYYY-MM), count, hash, list or run is wrong, or the list is too "
        "long. Nothing was changed. Mend how 1C writes it.",
    ),
    "division_off": (
        "Подразделение выключено в Посреднике, доставки по нему не ведутся. Включите его в настройках.",
        "The division is switched off here. Switch it on in the settings.",
    ),
    "malformed": (
        "Запрос не читается, ничего не принято. Исправьте его и отправьте снова.",
        "The request cannot be read, nothing was taken. Correct it and send it again.",
    ),
    "too_large": (
        "Запрос больше допустимого, ничего не принято. Разделите его на части.",
        "The request is too large, nothing was taken. Split it.",
    ),
    "unauthorized": (
        "Нужен действующий токен. Ничего не сделано. Получите токен у администратора Посредника.",
        "A valid token is needed. Nothing was done. Ask the administrator for one.",
    ),
    "forbidden": (
        "На это у вас нет права. Ничего не сделано. Права даёт администратор Посредника.",
        "You have no right to do that. Nothing was done. The administrator grants rights.",
    ),
    "other_division": (
        "Это другое подразделение, прав на него у вас нет. Ничего не сделано. Доступ даёт администратор Посредника.",
        "That is another division, you have no right to it. Nothing was done. The administrator grants access.",
    ),
    "not_found": (
        "Такого здесь нет. Проверьте адрес или номер.",
        "There is no such thing here. Check the address or the number.",
    ),
    "rate_limited": (
        "Слишком много запросов сразу. Ничего не потеряно: повторите через указанное время (Retry-After).",
        "Too many requests at once. Nothing is lost: repeat after the time in Retry-After.",
    ),
    "unavailable": (
        "База данных Посредника сейчас не отвечает. Ничего не изменено. Повторите запрос через несколько секунд.",
        "The database does not answer now. Nothing was changed. Repeat in a few seconds.",
    ),
    "outcome_unknown": (
        "Связь с базой данных прервалась при записи, итог неизвестен. Повторите тот же запрос с тем же "
        "идентификатором: дважды он не выполнится.",
        "The connection to the database broke while writing. Repeat the same request with the same id: it will not "
        "take effect twice.",
    ),
    "idempotency_key_reused": (
        "Этот Idempotency-Key уже использован с другим запросом. Ничего не сделано. Возьмите новый ключ.",
        "This Idempotency-Key was used with another request. Nothing was done. Take a new key.",
    ),
    "still_running": (
        "Первый запрос с этим ключом ещё выполняется. Повторите через секунду.",
        "The first request with this key is still running. Repeat in a second.",
    ),
    "unknown_event": (
        "Подтверждены события, которые этой базе не передавались. Ничего из подтверждения не принято.",
        "The ack names events that were never given to this base. Nothing of it was taken.",
    ),
    "bad_subscription": (
        "Подписка не создана: адрес или список событий не подходят.",
        "The subscription was not made: the address or the list of events will not do.",
    ),
    "internal_error": (
        "Внутренняя ошибка Посредника, она записана в журнал. Повторите запрос; если не поможет, сообщите "
        "администратору.",
        "An internal error, written to the log. Repeat the request; if that does not help, tell the administrator.",
    ),
    "setting_wrong": (
        "Значение настройки «{key}» не подходит ({what}). Ничего не изменено. Исправьте его и сохраните снова.",
        "The value of the setting “{key}” cannot be used ({what}). Nothing was changed. Correct it and save again.",
    ),
    "settings_changed": (
        "Настройки подразделения уже изменил кто-то другой. Ваши изменения не сохранены. Обновите страницу, "
        "посмотрите на новые значения и сохраните снова.",
        "Somebody else has changed the division meanwhile. Your changes were not saved. Refresh, look at the new "
        "values, and save again.",
    ),
    "setting_reason_missing": (
        "Не названа причина изменения (до 500 знаков). Ничего не изменено. Напишите её: она останется в истории.",
        "No reason was given (500 characters at most). Nothing was changed. Write one: it stays in the history.",
    ),
    "report_range_wrong": (
        "Начало периода позже его конца, отчёт не составлен. Поменяйте даты местами.",
        "The period ends before it begins, there is no report. Swap the dates.",
    ),
    "report_range_too_long": (
        "Период длиннее {most} дней, отчёт не составлен. Возьмите период короче или несколько подряд.",
        "The period is longer than {most} days, there is no report. Take a shorter one, or several.",
    ),
    "report_too_big": (
        "В отчёте больше {most} строк, он не показан. Возьмите период короче, одно подразделение или одного курьера; "
        "на экран умещается меньше, чем в файл XLSX или CSV.",
        "The report has more than {most} rows and is not shown. Take a shorter period, one division or one courier; "
        "a file (XLSX, CSV) holds more than the screen.",
    ),
    "value_map_wrong": (
        "Значение поля «{kind}.{field}» так сопоставить нельзя: поле неизвестно, новое значение в нём не читается "
        "или пустое значение необязательного поля менять не на что. Ничего не сохранено. Возьмите значение, которое"
        " поле принимает.",
        "A value of the field “{kind}.{field}” cannot be mapped so: the field is unknown, it cannot read the new "
        "value, or an optional field is empty anyway. Nothing was saved. Take a value that the field can read.",
    ),
    "value_map_unknown": (
        "Объекта {value} (вид {kind}) в Посреднике нет: то, что сослалось бы на него, стало бы ждать. Ничего не "
        "сохранено. Выберите объект из списка или сначала передайте его из 1С.",
        "There is no object {value} (kind {kind}) here: what would refer to it would begin to wait. Nothing was "
        "saved. Choose one of the list, or let 1C send it first.",
    ),
    "value_map_chained": (
        "Значение «{value}» уже участвует в другом сопоставлении этого поля, а сопоставления не складываются. "
        "Ничего не сохранено. Уберите прежнее сопоставление или укажите сразу окончательное значение.",
        "The value “{value}” is part of another map of this field, and maps do not add up. Nothing was saved. "
        "Remove that map, or name the final value at once.",
    ),
    "value_maps_full": (
        "У базы уже {most} сопоставлений, больше нельзя. Ничего не сохранено. Уберите ненужные или исправьте данные"
        " в 1С.",
        "The base has {most} maps already, which is the most there may be. Nothing was saved. Remove some, or "
        "correct the data in 1C.",
    ),
}

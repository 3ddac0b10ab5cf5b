-- What the sandbox's pages read, out of the extension's own registers. Temporary, so that they hide the sandbox's tables
-- from this connection alone: other connections of the same file see both as they are.
CREATE TEMP VIEW dirty AS
SELECT coalesce(s."Вид", d."ИмяОбъекта") AS kind, d."Идентификатор" AS ref, d."Метка" AS mark, d."Порядок" AS rank,
       strftime('%Y-%m-%dT%H:%M:%f+00:00', d."Момент" / 1000.0, 'unixepoch') AS at, d."Момент" AS place
FROM "рс_кд_Изменения" d LEFT JOIN "рс_кд_СоставОбмена" s ON s."ИмяОбъекта" = d."ИмяОбъекта";

CREATE TEMP VIEW command AS
SELECT "Позиция" AS position, "Идентификатор" AS id, "Тип" AS type, "Объект" AS order_ref, "Данные" AS data,
       "МоментНажатия" AS issued_at, "Автор" AS issued_by, nullif("НомерСообщения", 0) AS packed_in,
       "Состояние" AS status, nullif("Код", '') AS code, nullif("Сообщение", '') AS message,
       nullif("Результат", '') AS result, nullif("Способ", '') AS via,
       CASE WHEN "МоментОтвета" > 0
            THEN strftime('%Y-%m-%dT%H:%M:%f+00:00', "МоментОтвета" / 1000.0, 'unixepoch') END AS answered_at
FROM "рс_кд_Команды";

CREATE TEMP VIEW message AS
SELECT "Эпоха" AS epoch, "Номер" AS number, "Тело" AS body, "Метки" AS marks, "Команды" AS commands,
       strftime('%Y-%m-%dT%H:%M:%f+00:00', "МоментСоздания" / 1000.0, 'unixepoch') AS created_at,
       "ЧислоПопыток" AS attempts, "Состояние" AS state, nullif("ТекстОшибки", '') AS last_error,
       nullif("Ответ", '') AS answer,
       CASE WHEN "МоментОтвета" > 0
            THEN strftime('%Y-%m-%dT%H:%M:%f+00:00', "МоментОтвета" / 1000.0, 'unixepoch') END AS answered_at
FROM "рс_кд_ИсходящиеСообщения";

CREATE TEMP VIEW event AS
SELECT row_number() OVER (ORDER BY "МоментПриема", "Номер") AS seq, "Идентификатор" AS id, "Номер" AS number,
       "Тип" AS type, "ВидПредмета" AS subject_kind, "Предмет" AS subject_id, nullif("Заказ", '') AS order_ref,
       "Версия" AS version, "МоментСобытия" AS occurred_at, "Тело" AS body,
       strftime('%Y-%m-%dT%H:%M:%f+00:00', "МоментПриема" / 1000.0, 'unixepoch') AS applied_at,
       "Повторов" AS seen, "ПоПорядку" AS in_order,
       CASE WHEN "Подтверждено" > 0
            THEN strftime('%Y-%m-%dT%H:%M:%f+00:00', "Подтверждено" / 1000.0, 'unixepoch') END AS acked_at
FROM "рс_кд_ПринятыеСобытия";

CREATE TEMP VIEW refusal AS
SELECT "Идентификатор" AS id, "Номер" AS number, "Тип" AS type, "Код" AS code, "Сообщение" AS message,
       "Повторять" AS retry, "Раз" AS times,
       strftime('%Y-%m-%dT%H:%M:%f+00:00', "Момент" / 1000.0, 'unixepoch') AS at
FROM "рс_кд_ОтклоненныеСобытия";

CREATE TEMP VIEW quarantine AS
SELECT "Вид" AS kind, "Идентификатор" AS ref, "Номер" AS number, "Код" AS code, "Сообщение" AS message
FROM "рс_кд_Карантин";

CREATE TEMP VIEW comparison AS
SELECT "Позиция" AS position, "Прогон" AS run, "Тип" AS type, "Вид" AS kind, "Срез" AS slice, "Часть" AS part,
       "Круг" AS round, "Данные" AS data, nullif("Команда", '') AS command
FROM "рс_кд_Сверки";

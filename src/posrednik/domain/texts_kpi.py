"""KPI, baseline and gates in words. (Russian, English); data as in `texts.py`: `_s` seconds, `_kop` money."""

from collections.abc import Mapping

ERRORS: Mapping[str, tuple[str, str]] = {
    "baseline_empty": (
        "С {first} по {last} в этом подразделении нет ни одной доставки с «Готов» и «Отдал», замораживать нечего. "
        "Выберите "
        "другие дни или внесите цифры, которые были до Посредника.",
        "From {first} to {last} nothing was delivered in this division with both “Ready” and “Handed over”; there is "
        "nothing to freeze. Choose other days, or enter figures from before Posrednik.",
    ),
    "baseline_unfit": (
        "База не сохранена: не годится «{what}». Медиана и число доставок больше нуля, первый день не позже "
        "последнего, "
        "источник и причина не пустые.",
        "The baseline was not saved: “{what}” does not fit. Median and number of deliveries are above zero, the "
        "first day "
        "is not after the last one, source and reason are not empty.",
    ),
    "kpi_range_wrong": (
        "Первый день позже последнего, показатели не посчитаны. Поменяйте дни местами.",
        "The first day is after the last one; nothing was counted. Swap the days.",
    ),
    "kpi_range_too_long": (
        "Период длиннее {most} дней, показатели не посчитаны. Выберите период короче.",
        "The period is longer than {most} days; nothing was counted. Choose a shorter one.",
    ),
}

# Title and definition of each KPI and of what only a gate looks at.
TITLES: Mapping[str, tuple[str, str]] = {
    "agree": ("Объекты сходятся с 1С", "Objects agree with 1C"),
    "order_to_bitrix24": ("Заказ из 1С в Битрикс24", "Order from 1C in Bitrix24"),
    "duplicates": ("Двойники у получателей", "Duplicates at the destinations"),
    "ready_to_handed": ("«Готов» → «Отдал»", "“Ready” → “Handed over”"),
    "without_return": ("Доставки без возврата", "Deliveries without a return"),
    "cash_discrepancy": ("Расхождения по кассе", "Cash discrepancy"),
    "report_time": ("Время отчёта", "Time of a report"),
    "event_to_onec": ("Событие в 1С", "Event in 1C"),
    "event_to_site": ("Событие на сайте", "Event at the site"),
    "dead": ("Непринятые сообщения", "Dead letters"),
    "quarantine": ("Карантин", "Quarantine"),
    "faults": ("Сбои сервиса", "Faults of the service"),
    "cash": ("Касса сходится", "Cash agrees"),
    "goods": ("Товар сходится", "Goods agree"),
}
DEFINITIONS: Mapping[str, tuple[str, str]] = {
    "agree": (
        "Доля объектов, которые по сверке одинаковы в 1С и в Посреднике: по последней сверке базы, до исправлений; "
        "если её не было, по последней сверке каждого среза (вид и месяц). Если база не перечислила, что разошлось, "
        "весь срез считается несошедшимся.",
        "Share of objects that are equal in 1C and here, by the base's last reconciliation, before repairs; without "
        "one, by the last comparison of each slice (kind and month). A slice whose differences were not listed counts "
        "as not agreeing whole.",
    ),
    "order_to_bitrix24": (
        "От первого прихода команды «Готов» из 1С до приёма новой задачи порталом, по часам базы данных. Если "
        "подразделение "
        "включили или доставка попала в пилот позже, отсчёт с этого момента. Значение: 95 % заказов уложились.",
        "From the first arrival of 1C's command “Ready” to the portal's acceptance of the new task, by the clock of "
        "the "
        "database. If the division was switched on or the delivery joined the pilot later, it begins then. The "
        "value: 95 % "
        "of the orders took no longer.",
    ),
    "duplicates": (
        "Сколько раз получатель сообщил о втором объекте с нашей меткой или это нашёл человек.",
        "How often a destination told of a second object with our mark, or somebody found one.",
    ),
    "ready_to_handed": (
        "Время от «Готов» до «Отдал» по времени самих действий. Сравнивается медиана: она должна стать на 20 % короче "
        "замороженной базы. База нескольких подразделений берётся по доле их доставок.",
        "From “Ready” to “Handed over” by the times of these acts. The median is compared: it is to be 20 % shorter "
        "than the "
        "frozen baseline. Baselines of several divisions count by their share of deliveries.",
    ),
    "without_return": (
        "Доля вручённых доставок, из которых ничего не отказались взять и ничего не вернули.",
        "Share of deliveries handed over of which nothing was refused and nothing was brought back.",
    ),
    "cash_discrepancy": (
        "Недостачи и излишки при пересчёте касс, вместе, к наличным, взятым при вручении и продаже.",
        "What was missing and what was too much at counts of cash, together, against the cash taken at the door and "
        "by sales.",
    ),
    "report_time": (
        "Сколько делается отчёт, на экран и в файл, по всей компании. Значение: 95 % отчётов сделаны не дольше.",
        "How long a report takes, to the screen and as a file, in the whole company. The value: 95 % took no longer.",
    ),
}
TARGETS: Mapping[str, tuple[str, str]] = {
    "agree": ("не меньше 99,5 %", "at least 99.5 %"),
    "order_to_bitrix24": ("не дольше 2 мин", "at most 2 min"),
    "duplicates": ("0", "0"),
    "ready_to_handed": ("не дольше {limit_s}: на 20 % короче базы", "at most {limit_s}: 20 % below the baseline"),
    "ready_to_handed.none": ("на 20 % короче базы; базы пока нет", "20 % below the baseline; there is none yet"),
    "without_return": ("не меньше 95 %", "at least 95 %"),
    "cash_discrepancy": ("не больше 0,3 %", "at most 0.3 %"),
    "report_time": ("не дольше 5 с", "at most 5 s"),
}
STATES: Mapping[str, tuple[str, str]] = {
    "met": ("цель достигнута", "target met"),
    "missed": ("цель не достигнута", "target missed"),
    "unknown": ("нет данных для оценки", "cannot be judged yet"),
}
NOTES: Mapping[str, tuple[str, str]] = {
    "measured": ("Посредник, по событиям доставок", "Posrednik, by events of deliveries"),
    "no_data": ("За эти дни данных нет.", "There are no data of these days."),
    "not_reconciled": (
        "За эти дни 1С ничего не сверяла: ни «да», ни «нет» сказать нельзя.",
        "1C compared nothing on these days: neither yes nor no can be said.",
    ),
    "not_swept": (
        "У получателей ещё не проверялось: посчитано то, о чём они сообщили сами, и то, что нашли люди.",
        "Not looked for at the destinations yet: what they told themselves and what people found is counted.",
    ),
    "late": ("Дольше 2 минут: {late} из {n}.", "Longer than 2 minutes: {late} of {n}."),
    "no_baseline": (
        "Сравнить не с чем: подразделений без базы — {without}. Заморозьте базу, и цель появится.",
        "There is nothing to compare with: divisions without a baseline: {without}. Freeze one.",
    ),
}
# What cases are of, where no event says it.
CASES: Mapping[str, tuple[str, str]] = {
    "dead": ("Сообщение не принято", "Message not accepted"),
    "quarantined": ("Объект 1С не прочитан", "Object of 1C not read"),
    "server_errors": ("Ответ с ошибкой сервиса", "Answer with a fault of the service"),
    "checks": ("Нарушено правило, больше всего за день", "Rule broken, the most of the day"),
    "duplicates": ("Получатель сообщил о двойнике", "A destination told of a double"),
    "double_incidents": ("Двойник найден и разбирается", "A double was found and is looked at"),
}
# Why a gate stands as it does: `.ok`, `.bad`, `.none` of its kind.
WHY: Mapping[str, tuple[str, str]] = {
    "lag.ok": (
        "95 % не дольше {value_s} (предел {limit_s}), всего {n}.",
        "95 % within {value_s} (limit {limit_s}), {n} in all.",
    ),
    "lag.bad": (
        "95 % уложились только в {value_s} при пределе {limit_s}, всего {n}. Посмотрите худшие случаи.",
        "95 % took up to {value_s}; the limit is {limit_s}; {n} in all. Look at the worst cases.",
    ),
    "lag.none": ("Нет данных: за день ничего не дошло.", "No data: nothing arrived on this day."),
    "dead.ok": ("Все сообщения приняты.", "All messages were accepted."),
    "dead.bad": (
        "Не принято сообщений: {n}. Разберите их на странице обменов.",
        "Messages not accepted: {n}. See the exchange page.",
    ),
    "quarantine.ok": ("Всё, что прислала 1С, прочитано.", "All that 1C sent could be read."),
    "quarantine.bad": (
        "Объектов 1С, которые не удалось прочитать: {n}. Причины — в карантине на странице обменов.",
        "Objects of 1C that could not be read: {n}. The quarantine of the exchange page tells why.",
    ),
    "faults.ok": ("Ни ошибок сервиса, ни нарушенных проверок.", "No faults of the service, no check has failed."),
    "faults.bad": (
        "Ответов с ошибкой сервиса: {errors}, нарушений в проверках: {checks}. Подробности — в журнале процесса.",
        "Answers with a fault of the service: {errors}, rules broken in checks: {checks}. The log of the process "
        "tells more.",
    ),
    "duplicates.ok": (
        "Двойников не известно; у получателей ещё не проверялось.",
        "No double is known; the destinations were not searched yet.",
    ),
    "duplicates.counted": (
        "Задачи в Битрикс24 пересчитаны: у каждой доставки одна.",
        "The tasks in Bitrix24 were counted: one for each delivery.",
    ),
    "duplicates.bad": (
        "Двойников у получателей: {n}. Удалите лишний и найдите причину.",
        "Doubles at destinations: {n}. Remove them, find the cause.",
    ),
    "cash.ok": ("Пересчитано сдач: {n}, расхождений нет.", "Hand-ins counted: {n}, nothing differs."),
    "cash.bad": ("Касса расходится на {differs_kop}.", "Cash differs by {differs_kop}."),
    "cash.none": ("Нет данных: за день никто не сдавал деньги.", "No data: nobody handed in cash on this day."),
    "goods.ok": ("Пересчитано рюкзаков: {n}, расхождений нет.", "Backpacks counted: {n}, nothing differs."),
    "goods.bad": ("Товар расходится на {differs_kop}.", "Goods differ by {differs_kop}."),
    "goods.none": ("Нет данных: за день рюкзаки не пересчитывали.", "No data: no backpack was counted on this day."),
    "agree.ok": ("Сверено объектов: {n}, сходится {share}.", "Objects compared: {n}, {share} agree."),
    "agree.bad": (
        "Сверено объектов: {n}, сходится только {share}. Что разошлось, запрошено у 1С заново.",
        "Objects compared: {n}, only {share} agree. What does not was asked for again.",
    ),
    "agree.none": ("Нет данных: за день 1С ничего не сверяла.", "No data: 1C compared nothing on this day."),
    "none": ("Нет данных: за день ничего не происходило.", "No data: nothing happened on this day."),
}

_ALL = {
    "title": TITLES,
    "definition": DEFINITIONS,
    "target": TARGETS,
    "state": STATES,
    "note": NOTES,
    "case": CASES,
    "why": WHY,
}
SENTENCES: Mapping[str, tuple[str, str]] = {
    **ERRORS,
    **{f"kpi.{kind}.{key}": pair for kind, pairs in _ALL.items() for key, pair in pairs.items()},
}

"""What the phone and its evidence say: (Russian, English). What happened, what it means, what to do.

A flag is something to look at, never an accusation: its texts name the figures and an innocent cause first.
Merged into the lookups of `texts.py`. A kind can have variants, "kind.variant", chosen by `variant` in its data.
"""

from collections.abc import Mapping

Pair = tuple[str, str]
Three = tuple[str, str, str]

PROOFS: Mapping[str, Pair] = {
    "photo": ("фото", "a photo"),
    "position": ("местоположение", "the position"),
    "amount": ("полученная сумма", "the amount taken"),
    "items": ("пересчёт товаров", "the count of the goods"),
    "code": ("код получателя", "the recipient's code"),
}

GEO_ERRORS: Mapping[str, Pair] = {
    "denied": ("доступ к местоположению запрещён", "access to the position is denied"),
    "unavailable": ("телефон не смог определить место", "the phone could not find its place"),
    "timeout": ("телефон не успел определить место", "the phone did not find its place in time"),
    "not_supported": ("телефон не умеет определять место", "the phone cannot tell its place"),
    "unknown": ("телефон не назвал причину", "the phone gave no reason"),
}

OCCASIONS: Mapping[str, Pair] = {
    "shift_open": ("начало смены", "start of the shift"),
    "shift_close": ("конец смены", "end of the shift"),
    "give_back": ("возврат на склад", "goods brought back"),
}

ERRORS: Mapping[str, Pair] = {
    "proof_missing": (
        "«{action}» не записано: не хватает обязательного ({proofs}). Добавьте и повторите.",
        "“{action}” was not recorded: something required is missing ({proofs}). Add it and try again.",
    ),
    "event_conflict": (
        "Запись с этим номером уже принята, но с другим содержимым. Новая не принята, прежняя не изменилась. "
        "Сообщите логисту: если факт другой, нужно исправление.",
        "A record with this id was taken before with other content. This one was not taken, the first one stands. Tell "
        "the logistician: another fact needs a correction.",
    ),
    "sequence_conflict": (
        "Порядковый номер этой записи на телефоне уже занят другой записью. Она не принята. Войдите заново и "
        "сообщите логисту: телефон мог быть восстановлен из копии.",
        "Another record of this phone has this sequence number. This one was not taken. Log in again and tell the "
        "logistician: the phone may have been restored from a copy.",
    ),
    "waits_for_earlier": (
        "Запись ждёт более ранних записей телефона (не дошли: {missing}). Ничего не потеряно: она выполнится сама, "
        "когда они придут. Не удаляйте приложение и включите связь.",
        "The record waits for earlier ones of the phone (missing: {missing}). Nothing is lost: it takes effect when "
        "they come. Keep the application and switch the network on.",
    ),
    "waited_in_vain": (
        "Запись не принята: за сутки не дошли более ранние записи телефона ({missing}). Логист об этом знает. "
        "Расскажите ему, что вы отмечали, и откройте приложение со связью.",
        "The record was not taken: earlier ones of the phone have not come within a day ({missing}). The logistician "
        "is told. Tell him what you recorded, and open the application online.",
    ),
    "not_supported_yet": (
        "Сервер ещё не умеет принимать такие записи. Запись осталась на телефоне и будет отправлена позже.",
        "The server cannot take such records yet. It stays on the phone and is sent later.",
    ),
    "foreign_photo": (
        "В записи названо фото, которое прислал другой человек. Запись не принята. Сделайте своё фото.",
        "The record names a photo that somebody else sent. It was not taken. Take a photo of your own.",
    ),
    "photo_not_here": (
        "В действии названо фото, которого на сервере нет. Ничего не записано. Приложите фото снова и повторите.",
        "The action names a photo that is not on the server. Nothing was recorded. Attach the photo again and repeat.",
    ),
    "receipt_link_wrong": (
        "Ссылка на чек не похожа на адрес, шаг не записан. Нужен адрес, который начинается с https:// и не содержит "
        "пробелов; скопируйте его целиком или оставьте поле пустым.",
        "The link to the receipt is no address, and the step was not recorded. It has to begin with https:// and hold "
        "no spaces: copy it whole, or leave the field empty.",
    ),
    "taken_on_phone": (
        "«{action}» по правилам подразделения отмечают на телефоне: нужно местоположение курьера, а в офисе его нет. "
        "Ничего не записано. Попросите курьера отметить это в приложении.",
        "“{action}” is recorded on the phone by the division's rules: the courier's position is required, and an "
        "office has none. Nothing was recorded. Ask the courier to record it in the application.",
    ),
    "photo_mismatch": (
        "Фото дошло не таким, каким его сделали: контрольная сумма другая. Оно не сохранено. Телефон пошлёт его снова.",
        "The photo arrived changed: its checksum differs. It was not kept. The phone sends it again.",
    ),
    "photo_not_jpeg": (
        "Это не фото в формате JPEG. Оно не сохранено. Сделайте снимок в приложении.",
        "This is no JPEG photo. It was not kept. Take the picture in the application.",
    ),
    "photo_too_large": (
        "Фото больше допустимого (5 МБ). Оно не сохранено. Обновите приложение: оно уменьшает снимки само.",
        "The photo is too large (more than 5 MB). It was not kept. Renew the application: it makes pictures smaller.",
    ),
    "photo_unreadable": (
        "Фото повреждено и не открывается. Оно не сохранено. Сделайте снимок ещё раз.",
        "The photo is damaged and cannot be opened. It was not kept. Take the picture again.",
    ),
    "photo_quota": (
        "За сутки с этого входа прислано слишком много фото. Это фото не принято, оно осталось на телефоне и будет "
        "отправлено позже. Если снимков правда столько, сообщите логисту.",
        "Too many photos in a day. This one was not taken, it stays on the phone and is sent later. If there are "
        "really so many, tell the logistician.",
    ),
    "storage_unavailable": (
        "Хранилище фото сейчас недоступно. Фото осталось на телефоне и будет отправлено снова само.",
        "The store of photos is away now. The photo stays on the phone and is sent again.",
    ),
    "login_code_wrong": (
        "Код не подходит: он неверный, уже использован или старше 10 минут. Вход не выполнен. Попросите у логиста "
        "новый код.",
        "The code will not do: it is wrong, used, or older than 10 minutes. You are not logged in. Ask the logistician "
        "for a new one.",
    ),
    "login_tries": (
        "Слишком много попыток входа. Подождите несколько минут и введите код снова.",
        "Too many tries to log in. Wait a few minutes and enter the code again.",
    ),
    "courier_unknown": (
        "Такого действующего курьера в 1С нет, поэтому войти нельзя. Попросите логиста проверить карточку курьера.",
        "1C has no such active courier, so there is no way in. Ask the logistician to check the courier's card.",
    ),
    "already_settled": (
        "Деньги за заказ {order_number} уже приняты кассой, поправить вручение нельзя. Если сумма другая, скажите об "
        "этом кассе.",
        "The cash desk has taken in the money of order {order_number}, the hand-over can no longer be corrected. If "
        "the sum was another one, tell the cash desk.",
    ),
    "correction_reason_missing": (
        "Не сказано, почему запись исправляется. Исправление не записано. Напишите причину и отправьте снова.",
        "It is not said why the record is corrected. The correction was not recorded. Write the reason and send it "
        "again.",
    ),
    "nothing_to_correct": (
        "Записи, которую нужно поправить, нет или она не ваша. Ничего не изменено. Обновите список и выберите снова.",
        "The record to be corrected is not there or is not yours. Nothing was changed. Refresh and choose it again.",
    ),
    "already_decided": (
        "По этому случаю уже решили: {who}, {since_at}. Ваше решение не записано. Обновите страницу.",
        "This was decided by {who} at {since_at}. Your decision was not recorded. Refresh the page.",
    ),
    "decision_missing": (
        "Решение не записано: нужно выбрать одно из решений и написать причину.",
        "The decision was not recorded: choose one of the decisions and write the reason.",
    ),
    "shift_not_open": (
        "Смена не открыта, закрывать нечего. Откройте смену: пересчитайте товар и деньги на размен.",
        "No shift is open, there is nothing to close. Open one: count the goods and the change.",
    ),
    "close_reason_missing": (
        "Смену курьера закрывают за него только с причиной. Смена не закрыта. Напишите, почему он не закрывает её сам.",
        "A courier's shift is closed for him only with a reason. It was not closed. Say why he does not close it "
        "himself.",
    ),
    "queue_not_empty": (
        "На телефоне есть неотправленные записи или фото, смена не закрыта. Включите связь и дождитесь отправки.",
        "The phone still has unsent records or photos, so the shift was not closed. Switch the network on and wait.",
    ),
    "malformed_event": (
        "Запись телефона не читается и не принята. Обновите приложение и сообщите логисту, что вы отмечали.",
        "The phone's record cannot be read and was not taken. Renew the application and tell the logistician what you "
        "recorded.",
    ),
}

CONTRADICTIONS: Mapping[str, tuple[Three, Three]] = {
    "far_from_address": (
        (
            "Заказ {order_number}: «{action}» отмечено в {distance_m} от адреса. Курьер {who}.",
            "{distance_m} от адреса, точность {accuracy_m}, допустимо {radius_m}.",
            "Посмотрите фото и спросите курьера: координаты адреса и место по телефону бывают неточными.",
        ),
        (
            "Order {order_number}: “{action}” was recorded {distance_m} from the address. Courier {who}.",
            "{distance_m} from the address, accuracy {accuracy_m}, allowed {radius_m}.",
            "Look at the photo and ask the courier: coordinates of addresses and phones are sometimes wrong.",
        ),
    ),
    "no_position": (
        (
            "Заказ {order_number}: «{action}» отмечено без местоположения. Курьер {who}.",
            "По правилам подразделения место нужно, но его нет: {geo_error}.",
            "Если так не впервые, помогите курьеру разрешить приложению доступ к местоположению.",
        ),
        (
            "Order {order_number}: “{action}” was recorded without a position. Courier {who}.",
            "The division wants the position, yet there is none: {geo_error}.",
            "If it is not the first time, help the courier to allow the application its position.",
        ),
    ),
    "repeated_photo": (
        (
            "Фото к заказу {order_number} уже приложено раньше. Курьер {who}.",
            "Тот же файл был у заказа {first_number}: {first_who}, {first_at}.",
            "Сравните оба фото; возможно, снимок приложен к этому заказу по ошибке.",
        ),
        (
            "The photo of order {order_number} was attached before. Courier {who}.",
            "The same file belongs to order {first_number}: {first_who}, {first_at}.",
            "Compare both; the picture may have been attached to this order by mistake.",
        ),
    ),
    "repeated_photo.similar": (
        (
            "Фото к заказу {order_number} почти такое же, как более раннее. Курьер {who}.",
            "Похожий снимок был у заказа {first_number}: {first_who}, {first_at}; различий {bits} из 64.",
            "Сравните оба фото: одна и та же дверь даёт похожие снимки, это бывает без ошибки.",
        ),
        (
            "The photo of order {order_number} looks like an earlier one. Courier {who}.",
            "A similar picture belongs to order {first_number}: {first_who}, {first_at}; {bits} of 64 bits differ.",
            "Compare both: one and the same door gives similar pictures, and nothing need be wrong.",
        ),
    ),
    "dark_photo": (
        (
            "Фото к заказу {order_number} тёмное, на нём может быть ничего не видно. Курьер {who}.",
            "Средняя яркость снимка {brightness_percent} из 100.",
            "Откройте фото; если на нём ничего не видно, попросите курьера снимать при свете или со вспышкой.",
        ),
        (
            "The photo of order {order_number} is dark, there may be nothing to see. Courier {who}.",
            "Its mean brightness is {brightness_percent} of 100.",
            "Open it; if nothing can be seen, ask the courier to take pictures with a light.",
        ),
    ),
    "clock_jump": (
        (
            "Часы телефона курьера {who} переведены на {jump_s}; заказ {order_number}, «{action}».",
            "Расхождение с часами сервера было {before_s}, стало {after_s}.",
            "Время шагов пересчитано по серверу. Проверьте, включено ли на телефоне автоматическое время.",
        ),
        (
            "The clock of {who}'s phone moved by {jump_s}; order {order_number}, “{action}”.",
            "Its difference from the server's clock was {before_s} and is {after_s}.",
            "The times of the steps are set right by the server's. Check that the phone sets its time by itself.",
        ),
    ),
    "batch_clicking": (
        (
            "Заказы {order_number} и {other_number} отмечены вручёнными почти разом. Курьер {who}.",
            "Между вручениями {passed_s}, а между местами {distance_m}.",
            "Спросите курьера: шаги могли быть отмечены позже, когда он освободился.",
        ),
        (
            "Orders {order_number} and {other_number} were recorded as handed over almost at once. Courier {who}.",
            "{passed_s} lie between the hand-overs, {distance_m} between the places.",
            "Ask the courier: the steps may have been recorded later, when there was time.",
        ),
    ),
    "batch_clicking.one_delivery": (
        (
            "Все шаги по заказу {order_number} отмечены почти разом. Курьер {who}.",
            "Шагов {steps}, от первого до последнего {passed_s}.",
            "Спросите курьера: шаги могли быть отмечены позже, когда он освободился.",
        ),
        (
            "All steps of order {order_number} were recorded almost at once. Courier {who}.",
            "{steps} steps, {passed_s} from the first to the last.",
            "Ask the courier: the steps may have been recorded later, when there was time.",
        ),
    ),
    "impossible_speed": (
        (
            "Между двумя шагами курьера {who} слишком большое расстояние; заказ {order_number}, «{action}».",
            "За {passed_s} не меньше {distance_m}: {speed_kmh}, предел {limit_kmh}.",
            "Посмотрите места обоих шагов: чаще всего одно из них телефон определил неверно.",
        ),
        (
            "Two steps of {who} are too far apart; order {order_number}, “{action}”.",
            "At least {distance_m} within {passed_s}: {speed_kmh}, the limit is {limit_kmh}.",
            "Look at both places: most often the phone was wrong about one of them.",
        ),
    ),
    "same_coordinates": (
        (
            "Координаты телефона курьера {who} совпали до последнего знака на разных адресах; заказ {order_number}.",
            "Одни и те же {latitude}, {longitude} пришли с адресов: {addresses}.",
            "Сравните с фото: телефон мог запомнить старое место, или место задано вручную.",
        ),
        (
            "The phone of {who} gave one position to the last digit at several addresses; order {order_number}.",
            "Exactly {latitude}, {longitude} came from {addresses} addresses.",
            "Compare with the photos: the phone may have kept an old place, or the place was set by hand.",
        ),
    ),
    "sequence_gap": (
        (
            "С телефона курьера {who} не дошли записи: {missing}.",
            "Телефон нумерует записи подряд, и дольше суток этих номеров на сервере нет. Телефон: {device}.",
            "Попросите курьера открыть приложение со связью; если телефон утрачен, внесите шаги с его слов.",
        ),
        (
            "Records of {who}'s phone have not arrived: {missing}.",
            "The phone numbers its records, and these have been missing for more than a day. Phone: {device}.",
            "Ask the courier to open the application online; if the phone is lost, enter the steps as told.",
        ),
    ),
    "late_after_shift": (
        (
            "После закрытия смены курьера {who} пришла запись «{action}», заказ {order_number}.",
            "Она сделана во время смены и меняет её итоги: телефон был без связи.",
            "Проверьте итоги смены с этой записью и, если нужно, примите разницу.",
        ),
        (
            "“{action}” of {who} came after the shift was closed, order {order_number}.",
            "It was done during the shift and changes its totals: the phone had no network.",
            "Check the shift's totals with this record and accept the difference if it is right.",
        ),
    ),
    "late_after_shift.no_order": (
        (
            "После закрытия смены курьера {who} пришла запись «{action}».",
            "Она сделана во время смены и меняет её итоги: телефон был без связи.",
            "Проверьте итоги смены с этой записью и, если нужно, примите разницу.",
        ),
        (
            "“{action}” of {who} came after the shift was closed.",
            "It was done during the shift and changes its totals: the phone had no network.",
            "Check the shift's totals with this record and accept the difference if it is right.",
        ),
    ),
    "count_difference": (
        (
            "Товар у курьера {who} не сходится с учётом ({occasion}).",
            "{differences}.",
            "Пересчитайте вместе с курьером; если расхождение подтвердится, решите, как его оформить.",
        ),
        (
            "The goods of {who} differ from the books ({occasion}).",
            "{differences}.",
            "Count once more with the courier; if it is so, decide how to book the difference.",
        ),
    ),
    "cash_difference": (
        (
            "Деньги у курьера {who} не сходятся с учётом: разница {difference_kop}.",
            "По учёту {expected_kop}, посчитано {counted_kop}.",
            "Пересчитайте вместе с курьером и проверьте суммы по заказам смены.",
        ),
        (
            "The cash of {who} differs from the books by {difference_kop}.",
            "{expected_kop} expected, {counted_kop} counted.",
            "Count once more with the courier and check the sums of the shift's orders.",
        ),
    ),
    "repeated_step": (
        (
            "Курьер {who} ещё раз отметил «{action}» по заказу {order_number}.",
            "Этот шаг уже записан; вторая запись сделана отдельно и ничего не изменила.",
            "Обычно это двойное нажатие. Если товар отдан дважды, спросите курьера.",
        ),
        (
            "{who} recorded “{action}” of order {order_number} once more.",
            "The step was recorded before; the second record is one of its own and changed nothing.",
            "Mostly a button was pressed twice. If goods were given twice, ask the courier.",
        ),
    ),
    "step_rejected": (
        (
            "Шаг «{action}» курьера {who} по заказу {order_number} не принят.",
            "{message} Так сервер ответил телефону (код {code}).",
            "Выясните у курьера, что было на самом деле, и внесите это за него.",
        ),
        (
            "The step “{action}” of {who}, order {order_number}, was not taken.",
            "{message} This is what the phone was told (code {code}).",
            "Ask the courier what really happened, and enter it for him.",
        ),
    ),
}

INCIDENTS: Mapping[str, Pair] = {
    "far_from_address": ("Далеко от адреса", "Far from the address"),
    "no_position": ("Нет местоположения", "No position"),
    "repeated_photo": ("Фото уже было", "Repeated photo"),
    "dark_photo": ("Тёмное фото", "Dark photo"),
    "clock_jump": ("Часы телефона переведены", "The phone's clock moved"),
    "batch_clicking": ("Шаги почти разом", "Steps almost at once"),
    "impossible_speed": ("Слишком быстро между шагами", "Too fast between steps"),
    "same_coordinates": ("Одно место на разных адресах", "One place at several addresses"),
    "amount_mismatch": ("Взята другая сумма", "Another sum was taken"),
    "cash_difference": ("Деньги не сходятся", "Cash differs"),
    "ceiling_exceeded": ("Наличных больше предела", "Cash above the ceiling"),
    "backpack_negative": ("Рюкзак в минусе", "Backpack below zero"),
    "count_difference": ("Товар не сходится", "Goods differ"),
    "transfer_undone_after_sale": ("Перемещение отменено после продажи", "Transfer undone after a sale"),
    "cancelled_but_handed_over": ("Отменён, но вручён", "Cancelled, yet handed over"),
    "cancelled_but_done": ("Отменён, но шаг сделан", "Cancelled, yet a step was done"),
    "withdrawn_but_done": ("«Готов» снят, но товар забран", "Withdrawn, yet picked up"),
    "handed_over_twice": ("Вручён дважды", "Handed over twice"),
    "reassigned_but_done": ("Переназначен, но сделал прежний", "Reassigned, yet done by another"),
    "price_changed_meanwhile": ("Цена изменилась в пути", "Price changed meanwhile"),
    "order_changed_after_pick_up": ("Заказ изменён после «Забрал»", "Order edited after the pick-up"),
    "sequence_gap": ("Записи телефона не дошли", "Records of the phone are missing"),
    "late_after_shift": ("Запись после закрытия смены", "Late for its shift"),
    "repeated_step": ("Шаг отмечен ещё раз", "Repeated step"),
    "step_rejected": ("Шаг не принят", "Step not taken"),
    "moved_by_hand": ("Карточка передвинута вручную", "Moved by hand"),
    "task_deleted": ("Задача удалена", "Task deleted"),
    "dead_letter": ("Сообщение не доставлено", "Message not delivered"),
    "double_at_destination": ("Двойник у получателя", "Double at the destination"),
    "does_not_agree": ("Сверка не сошлась", "Does not agree"),
    "ownership_violation": ("Изменено не владельцем", "Changed by another than its owner"),
}

# One line of a count: `differences` in the data is a list of {goods, expected_milli, counted_milli}.
DIFFERENCE: Pair = (
    "{goods}: по учёту {expected_milli}, посчитано {counted_milli}",
    "{goods}: {expected_milli} expected, {counted_milli} counted",
)

# Endings of keys in the data and what they become: metres, kilometres, km/h.
UNITS: Mapping[str, Pair] = {"m": ("м", "m"), "km": ("км", "km"), "kmh": ("км/ч", "km/h")}
SECONDS: tuple[tuple[int, Pair], ...] = ((3600, ("ч", "h")), (60, ("мин", "min")), (1, ("с", "s")))

"""Backpack, sales and cash in words: (Russian, English). What happened, what it means, what to do.

Merged into the lookups of `texts.py`; how data is shown is said there. Titles of incidents: texts_courier.py.
"""

from collections.abc import Mapping

Pair = tuple[str, str]
Three = tuple[str, str, str]

ACTIONS: Mapping[str, Pair] = {
    "load": ("Положить в рюкзак", "load the backpack"),
    "undo_load": ("Отменить перемещение в рюкзак", "undo the transfer into the backpack"),
    "unload": ("Выложить из рюкзака", "unload the backpack"),
    "accept_backpack": ("Принять в рюкзак", "accept into the backpack"),
    "count_backpack": ("Пересчитать рюкзак", "count the backpack"),
    "write_off": ("Списать недостачу", "write a shortage off"),
    "find": ("Недостающее нашлось", "a missing piece is found"),
    "sell": ("Продать", "sell"),
    "sale": ("Продажа", "sale"),
    "correct_sale": ("Исправить продажу", "correct the sale"),
    "issue_change": ("Выдать размен", "issue change"),
    "hand_in": ("Принять деньги", "take cash in"),
    "correct_cash": ("Исправить запись кассы", "correct an entry of the cash desk"),
    "settle_difference": ("Решить о разнице в деньгах", "decide on a difference of cash"),
}

OCCASIONS: Mapping[str, Pair] = {
    "backpack_accept": ("приёмка в рюкзак", "acceptance into the backpack"),
    "backpack_count": ("пересчёт рюкзака", "count of the backpack"),
}

# Lines of lists in the data, by the list's key.
ITEMS: Mapping[str, Pair] = {
    "below": ("{goods}: было {have_milli}, ушло {asked_milli}", "{goods}: {have_milli} there, {asked_milli} gone"),
    "undone": (
        "{goods}: вернуть надо {asked_milli}, осталось {have_milli}",
        "{goods}: {asked_milli} to be returned, {have_milli} left",
    ),
    "disagree": (
        "{goods}: в рюкзаке {have_milli}, в 1С {base_milli}",
        "{goods}: {have_milli} in the backpack, {base_milli} in 1C",
    ),
    "prices": (
        "{goods}: продано по {price_kop}, в 1С {base_price_kop}",
        "{goods}: sold at {price_kop}, 1C has {base_price_kop}",
    ),
}

ERRORS: Mapping[str, Pair] = {
    "not_in_backpack": (
        "{goods}: продаётся {asked_milli}, а в рюкзаке {have_milli}. Продажа не записана. Пересчитайте товар; если он "
        "у вас есть, попросите логиста провести загрузку рюкзака.",
        "{goods}: {asked_milli} to be sold, the backpack has {have_milli}. The sale was not recorded. Count the goods; "
        "if you have them, ask the logistician to book the load.",
    ),
    "more_than_short": (
        "{goods}: указано {asked_milli}, а недостача {have_milli}. Ничего не записано. Проверьте количество.",
        "{goods}: {asked_milli} entered, the shortage is {have_milli}. Nothing was recorded. Check the quantity.",
    ),
    "not_his_sale": (
        "Эту продажу сделал другой курьер. Ничего не изменено. Исправить её может он сам, логист или касса.",
        "Another courier made this sale. Nothing was changed. He, the logistician or the cash desk can correct it.",
    ),
    "difference_reason_missing": (
        "Посчитанная сумма не сходится с учётом. Деньги не приняты. Пересчитайте; если сумма та же, напишите причину и "
        "имя второго человека, который её подтвердил.",
        "The sum counted is not what the books say. Nothing was taken in. Count once more; if it is the same, give the "
        "reason and the name of a second person who confirms it.",
    ),
    "second_name_missing": (
        "Разницу подтверждают двое, а второго имени нет или оно то же, что первое. Запись не сделана. Укажите другого "
        "человека, который пересчитал деньги.",
        "Two people confirm a difference, and the second name is missing or the same as the first. Nothing was "
        "recorded. Name another person who has counted the money.",
    ),
    "more_than_differs": (
        "Решение на {asked_kop}, а нерешённая разница {open_kop}. Ничего не записано. Проверьте сумму и то, недостача "
        "это или излишек; деньги, которые курьер ещё не сдавал, сначала пересчитайте.",
        "The decision is on {asked_kop}, the difference left to decide is {open_kop}. Nothing was recorded. Check the "
        "sum, and whether money is missing or over; money not handed in yet has to be counted first.",
    ),
    "count_first": (
        "Курьер сдаёт деньги, и их ещё не пересчитали. Движения по ним видно только после пересчёта. Пересчитайте "
        "деньги и впишите сумму.",
        "The courier is handing in cash and nobody has counted it yet. The entries are shown after the count only. "
        "Count the money and enter the sum.",
    ),
    "cash_ceiling_reached": (
        "У курьера на руках {cash_kop} наличными, предел {ceiling_kop}. Новые доставки ему не назначаются. Пусть он "
        "сдаст деньги в кассу, или выберите другого курьера.",
        "The courier holds {cash_kop} in cash, the ceiling is {ceiling_kop}. He gets no new deliveries. Let him hand "
        "the money in, or choose another one.",
    ),
}

CONTRADICTIONS: Mapping[str, tuple[Three, Three]] = {
    "backpack_negative": (
        (
            "Рюкзак курьера {who} ушёл в минус («{action}»).",
            "{below}.",
            "Проверьте, всё ли загруженное проведено в 1С, и пересчитайте рюкзак вместе с курьером.",
        ),
        (
            "The backpack of {who} is below zero (“{action}”).",
            "{below}.",
            "Check that all loads are booked in 1C, and count the backpack with the courier.",
        ),
    ),
    "transfer_undone_after_sale": (
        (
            "Перемещение в рюкзак курьера {who} отменено в 1С, а часть товара уже продана.",
            "{undone}.",
            "Проведите перемещение в 1С снова или исправьте его на то, что продано.",
        ),
        (
            "1C took back a transfer into the backpack of {who}, and some of the goods are sold.",
            "{undone}.",
            "Post the transfer in 1C again, or correct it to what was sold.",
        ),
    ),
    "count_difference.backpack": (
        (
            "Рюкзак курьера {who} не сходится с учётом ({occasion}): недостача {shortage_kop}, излишек {surplus_kop}.",
            "{differences}. Оценено по ценам дня.",
            "Пересчитайте вместе с курьером; если недостача подтвердится, решите, списать её или искать товар.",
        ),
        (
            "The backpack of {who} differs from the books ({occasion}): {shortage_kop} short, {surplus_kop} over.",
            "{differences}. Valued at the prices of the day.",
            "Count once more with the courier; if it is short, decide to write it off or to look for the goods.",
        ),
    ),
    "count_difference.unpriced": (
        (
            "Рюкзак курьера {who} не сходится с учётом ({occasion}). Стоимость известна не вся: недостача "
            "{shortage_kop}, излишек {surplus_kop}.",
            "{differences}. Цена неизвестна: {unpriced}.",
            "Пересчитайте вместе с курьером и узнайте цену в 1С; потом решите, списать недостачу или искать товар.",
        ),
        (
            "The backpack of {who} differs from the books ({occasion}). Not all of the worth is known: {shortage_kop} "
            "short, {surplus_kop} over.",
            "{differences}. No price is known of: {unpriced}.",
            "Count once more with the courier and find the price in 1C; then decide to write it off or to look for it.",
        ),
    ),
    "price_changed_meanwhile.sale": (
        (
            "Курьер {who} продал из рюкзака не по цене 1С (продажа {sold_at}).",
            "{prices}.",
            "Цена могла измениться, когда телефон был без связи. Примите продажу или исправьте её.",
        ),
        (
            "{who} sold from the backpack at a price that is not 1C's (sale of {sold_at}).",
            "{prices}.",
            "It may have changed while the phone had no network. Accept the sale or correct it.",
        ),
    ),
    "amount_mismatch.sale": (
        (
            "Курьер {who} взял за товар из рюкзака {taken_kop}, а по его же цене {due_kop} (продажа {sold_at}).",
            "Сумма не равна цене, умноженной на количество: {goods}.",
            "Спросите курьера: он мог дать скидку или ошибиться. Примите сумму или исправьте продажу.",
        ),
        (
            "{who} took {taken_kop} for goods from the backpack, by his own price it is {due_kop} (sale of {sold_at}).",
            "The sum is not price times quantity: {goods}.",
            "Ask the courier: he may have given a discount or made a mistake. Accept the sum or correct the sale.",
        ),
    ),
    "cash_difference.left": (
        (
            "Смена курьера {who} закрыта, а к сдаче осталось {left_kop}.",
            "Столько у него по учёту, и столько же он насчитал: деньги не сданы в кассу.",
            "Примите деньги в кассу. Если они остаются у него на следующую смену, закройте случай с объяснением.",
        ),
        (
            "The shift of {who} is closed, and {left_kop} is left to be handed in.",
            "So much he holds by the books, and he counted the same: it was not handed in.",
            "Take the money in at the cash desk. If he keeps it for the next shift, decide the incident and say so.",
        ),
    ),
    "cash_difference.uncounted": (
        (
            "Смену курьера {who} закрыл «{closed_by}», а к сдаче осталось {left_kop}.",
            "Столько у него по учёту; деньги при закрытии не считали. Причина закрытия: «{said}».",
            "Примите деньги в кассу и дождитесь записей с его телефона: они могут изменить эту сумму.",
        ),
        (
            "{closed_by} closed the shift of {who}, and {left_kop} is left to be handed in.",
            "So much he holds by the books; the cash was not counted. Reason of the closing: “{said}”.",
            "Take the money in at the cash desk and wait for the records of his phone: they may change the sum.",
        ),
    ),
    "cash_difference.hand_in": (
        (
            "Курьер {who} сдал деньги с разницей {difference_kop}.",
            "Ожидалось {expected_kop}, посчитано {counted_kop}. Считали {receiver} и {second}, причина: «{said}».",
            "Сверьте записи курьера с чеками и переводами; потом решите, недостача это, излишек или ошибка записи.",
        ),
        (
            "{who} handed cash in with a difference of {difference_kop}.",
            "{expected_kop} expected, {counted_kop} counted by {receiver} and {second}. Reason: “{said}”.",
            "Compare his records with receipts and transfers; then decide if it is short, over or a wrong record.",
        ),
    ),
    "does_not_agree": (
        (
            "Рюкзак курьера {who} не сходится с остатком его склада в 1С.",
            "{disagree}. Ничего из его продаж и загрузок не ждёт отправки в 1С или приёмки.",
            "Сверьте документы 1С по этому складу с продажами и загрузками; исправьте документ или пересчитайте рюкзак "
            "вместе с курьером.",
        ),
        (
            "The backpack of {who} does not agree with the stock of his warehouse in 1C.",
            "{disagree}. None of his sales and loads waits to be sent to 1C or to be accepted.",
            "Compare 1C's documents of this warehouse with his sales and loads; correct the document, or count the "
            "backpack together with the courier.",
        ),
    ),
    "ceiling_exceeded": (
        (
            "У курьера {who} наличных больше предела на {over_kop}.",
            "На руках {cash_kop}, предел {ceiling_kop}.",
            "Попросите курьера сдать деньги; новые доставки ему до этого не назначаются.",
        ),
        (
            "{who} holds {over_kop} more cash than the ceiling.",
            "{cash_kop} in hand, the ceiling is {ceiling_kop}.",
            "Ask the courier to hand the money in; until then he gets no new deliveries.",
        ),
    ),
}

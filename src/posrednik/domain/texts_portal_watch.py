"""What people changed in the portal by hand, in words: for the task's talk, incidents and the journal. Russian, English
beside it."""

from collections.abc import Mapping

Pair = tuple[str, str]

# Why a change was put back, by moved_task.Back.why. A step that the rules refuse is told by the rule's own sentence.
_BACKS: Mapping[str, Pair] = {
    "unknown_column": (
        "Колонка «{column}» ничего не значит для доставки, карточка возвращена. Ставьте её в одну из колонок доставки.",
        "The column “{column}” means nothing for a delivery, the card was put back. Use the columns of deliveries.",
    ),
    "no_step": (
        "Из «{stage}» в «{asked_stage}» доставка так не переходит, карточка возвращена. Что произошло на самом деле, "
        "отметьте в приложении курьера или на доске Посредника.",
        "A delivery does not go from “{stage}” to “{asked_stage}”, the card was put back. Record what really happened "
        "in the courier's application or on the board.",
    ),
    "proof_missing": (
        "Для шага «{action}» нужно: {proofs}. Перетащенная карточка этого не даёт, она возвращена. Отметьте шаг в "
        "приложении курьера.",
        "“{action}” needs: {proofs}. A card that is dragged does not give it and was put back. Take the step in the "
        "courier's application.",
    ),
    "reason_missing": (
        "Для «Не вручил» нужна причина, карточка возвращена. Отметьте «Не вручил» с причиной в приложении курьера или "
        "на доске Посредника.",
        "“Not delivered” needs a reason, the card was put back. Record it with a reason in the courier's application "
        "or on the board.",
    ),
    "cash_desk": (
        "Деньги считаются сданными, когда их приняла касса; карточка возвращена. Примите деньги на странице «Касса» "
        "Посредника.",
        "Cash counts as handed in when the cash desk has taken it; the card was put back. Take it on the page “Cash”.",
    ),
    "warehouse": (
        "Возврат считается сделанным, когда склад пересчитал товар; карточка возвращена. Примите возврат на доске "
        "Посредника.",
        "Goods count as returned when the warehouse has counted them; the card was put back. Take them on the board.",
    ),
    "no_right": (
        "У того, кто это сделал, нет на это права в Посреднике; возвращено как было. Попросите логиста сделать это на "
        "доске Посредника.",
        "Who did this may not do it in Posrednik; it was put back. Ask a logistician to do it on the board.",
    ),
    "not_owner": (
        "Это поле в Битрикс24 не меняют, оно принадлежит: {owners}. Возвращено как было; измените его там.",
        "This field is not changed in Bitrix24, it belongs to: {owners}. It was put back; change it there.",
    ),
    "unknown_user": (
        "Пользователь {user} не сопоставлен ни с одним действующим курьером, ответственный возвращён. Назначьте "
        "курьера в 1С или на доске, или укажите пользователя в «Настройках».",
        "User {user} is no active courier's, the task was given back. Assign a courier in 1C or on the board, or set "
        "the user in “Settings”.",
    ),
    "on_its_way": (
        "Доставка уже «{stage}», другому курьеру её так не передают; ответственный возвращён. Сделайте это на доске "
        "Посредника.",
        "The delivery is “{stage}” already and is not given to another courier this way; it was put back. Use the "
        "board.",
    ),
    "other_project": (
        "Задачи доставки живут в проекте своего подразделения, задача возвращена в него. Подразделение заказа меняют "
        "в 1С.",
        "Tasks of deliveries live in the project of their division, the task was put back. Change the order's division "
        "in 1C.",
    ),
    "completed": (
        "Задачу завершает Посредник, когда доставка закончена; она открыта снова. Закончите доставку в приложении "
        "курьера или на доске.",
        "Posrednik completes the task when the delivery is over; it was opened again. End the delivery in the "
        "courier's application or on the board.",
    ),
    "renewed": (
        "Доставка закончена, задача снова завершена. Если доставить нужно ещё раз, начните это в 1С или на доске.",
        "The delivery is over, the task was completed again. If it is to be delivered once more, begin in 1C or on the "
        "board.",
    ),
    "edited": (
        "Изменено вручную: {parts}. Это пишет Посредник по заказу 1С, прежнее возвращено. Исправьте заказ в 1С; "
        "заметки пишите в чат задачи.",
        "Changed by hand: {parts}. Posrednik writes this by the order of 1C, it was put back. Correct the order in 1C; "
        "write notes into the task's chat.",
    ),
}
ERRORS: Mapping[str, Pair] = {f"portal_back.{why}": words for why, words in _BACKS.items()}

PARTS: Mapping[str, Pair] = {
    "title": ("название", "the title"),
    "description": ("описание", "the description"),
    "deadline": ("крайний срок", "the deadline"),
}

SAID: Mapping[str, Pair] = {
    "by": ("{who}: {what}", "{who}: {what}"),
    "refused": ("{what} Возвращено как было.", "{what} It was put back."),
    "back_again": (
        "Задача снова на месте, Посредник записал её заново.",
        "The task is here again, Posrednik wrote it anew.",
    ),
}

# The reason of a delivery that was cancelled by its card.
CANCELLED_THERE: Pair = ("карточка перенесена в «Отменено» ({who})", "the card was moved to “Cancelled” ({who})")

# How the people of a portal are called in journals.
NAMES: Mapping[str, Pair] = {
    "person": ("Битрикс24: {name}", "Bitrix24: {name}"),
    "user": ("Битрикс24: пользователь {user}", "Bitrix24: user {user}"),
    "nobody": ("Битрикс24", "Bitrix24"),
}

CONTRADICTIONS: Mapping[str, tuple[tuple[str, str, str], tuple[str, str, str]]] = {
    "moved_by_hand": (
        (
            "Карточку заказа {order_number} в Битрикс24 изменили вручную, это не принято. Сделал: {who}.",
            "{message} Это же написано в чате задачи.",
            "Выясните, что было на самом деле; если шаг сделан, внесите его на доске.",
        ),
        (
            "The card of order {order_number} in Bitrix24 was changed by hand; that was not taken. By: {who}.",
            "{message} The task's chat says the same.",
            "Find out what really happened; if the step was taken, enter it on the board.",
        ),
    ),
    "moved_by_hand.again": (
        (
            "Карточку заказа {order_number} в Битрикс24 снова и снова меняют вручную или роботом. Последним: {who}.",
            "За час её возвращали {times} раз; Посредник на час перестал это делать.",
            "Найдите, кто или какой робот портала её двигает, и остановите; тогда карточка встанет на место сама.",
        ),
        (
            "Somebody or a robot changes the card of order {order_number} in Bitrix24 again and again. Last: {who}.",
            "Within an hour it was put back {times} times; Posrednik has stopped for an hour.",
            "Find who or which robot of the portal moves it and stop that; the card then returns by itself.",
        ),
    ),
    "task_deleted": (
        (
            "Задача {task} доставки заказа {order_number} удалена в Битрикс24.",
            "Портал ответил, что такой задачи нет. Доставка не отменена, курьер видит её в приложении.",
            "Создайте задачу заново или оставьте доставку без задачи.",
        ),
        (
            "Task {task} of the delivery of order {order_number} was deleted in Bitrix24.",
            "The portal says that there is no such task. The delivery is not cancelled, the courier has it in his "
            "application.",
            "Make the task anew, or leave the delivery without one.",
        ),
    ),
    "double_at_destination": (
        (
            "У доставки заказа {order_number} несколько задач в Битрикс24: {tasks}.",
            "У всех одна метка. Посредник пишет только в {kept}.",
            "Посмотрите, кто сделал вторую, и удалите лишнюю в Битрикс24.",
        ),
        (
            "The delivery of order {order_number} has several tasks in Bitrix24: {tasks}.",
            "All carry one marker. Posrednik writes only {kept}.",
            "See who made the second one and delete what is too much in Bitrix24.",
        ),
    ),
}

# Reasons of decisions that nobody had to take.
DECIDED: Mapping[str, Pair] = {
    "task_deleted": ("Задача снова есть в Битрикс24.", "The task is in Bitrix24 again."),
    "double_at_destination": ("В Битрикс24 снова одна задача.", "There is one task in Bitrix24 again."),
}

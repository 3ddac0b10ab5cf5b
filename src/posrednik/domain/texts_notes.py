"""What the portal tells people beside the task: steps of the checklist, lines in the task's chat, notices, names of
photos. (Russian, English). Made into sentences by `task_notes.py`."""

from collections.abc import Mapping

Pair = tuple[str, str]

CHECKLIST: Pair = ("Шаги курьера", "Steps of the courier")
STEPS: Mapping[str, Pair] = {
    "pick_up": ("Забрать заказ", "Pick up the order"),
    "depart": ("Выехать к покупателю", "Leave for the customer"),
    "hand_over": ("Отдать заказ", "Hand the order over"),
}
PROOFS: Mapping[str, Pair] = {
    "photo": ("фото", "photo"),
    "position": ("место", "position"),
    "amount": ("сумма", "amount"),
    "items": ("сверить товары", "count the goods"),
    "code": ("код покупателя", "the customer's code"),
}

PHOTO_FOLDER: Pair = ("Фото доставок", "Photos of deliveries")
# What a photo of a step is called.
PHOTO_STEPS: Mapping[str, Pair] = {
    "delivery.picked_up": ("Забрал", "Picked up"),
    "delivery.departed": ("Выехал", "Left"),
    "delivery.handed_over": ("Отдал", "Handed over"),
    "delivery.not_delivered": ("Не вручил", "Not delivered"),
    "delivery.customer_returned": ("Возврат", "Return"),
    "delivery.corrected": ("Исправил", "Corrected"),
}

PAYMENTS: Mapping[str, Pair] = {
    "cash": ("наличными", "in cash"),
    "card": ("картой", "by card"),
    "transfer": ("переводом", "by transfer"),
    "prepaid": ("предоплата", "prepaid"),
}

# Lines in the chat of the task; {also} is told only where there is something.
LINES: Mapping[str, Pair] = {
    "delivery.handed_over": (
        "Отдано {done_at}, {who}. Получено {taken_kop}, {how}.",
        "Handed over {done_at}, {who}. Taken {taken_kop}, {how}.",
    ),
    "delivery.not_delivered": ("Не вручено {done_at}, {who}: {reason}.", "Not delivered {done_at}, {who}: {reason}."),
    "delivery.retried": (
        "Повторная доставка назначена {done_at}: {courier}.",
        "Another try was set {done_at}: {courier}.",
    ),
    "delivery.returned": ("Товар вернулся на склад {done_at}.", "The goods are back in the warehouse, {done_at}."),
    "delivery.customer_returned": (
        "Покупатель вернул товар {done_at}: {goods}. Возвращено денег: {refund_kop}.",
        "The customer gave goods back {done_at}: {goods}. Refunded: {refund_kop}.",
    ),
    "delivery.corrected": (
        "Исправлено {done_at}, {who}: {correction}.",
        "Corrected {done_at}, {who}: {correction}.",
    ),
    "delivery.withdrawn": (
        "«Готов» снят {done_at}, {who}. Доставка убрана с доски.",
        "Withdrawn {done_at} by {who}. The delivery is off the board.",
    ),
    "delivery.cancelled": ("Доставка отменена {done_at}, {who}.", "The delivery was cancelled {done_at} by {who}."),
}
ALSO: Mapping[str, Pair] = {
    "due": ("К получению было {due_kop}.", "{due_kop} was due."),
    "why": ("Причина: {why}.", "Reason: {why}."),
    "comment": ("Комментарий: {comment}", "Comment: {comment}"),
    "refused": ("Отказ: {goods}.", "Refused: {goods}."),
    "next_date": ("Новая дата: {next_date}.", "New date: {next_date}."),
    "goods_out": (
        "Товар у курьера, его нужно вернуть на склад.",
        "The courier has the goods; they are to be brought back.",
    ),
}

BY_ORDER: Mapping[str, Pair] = {
    "order_deleted": ("заказ помечен на удаление в 1С", "the order was marked as deleted in 1C"),
    "order_unposted": ("проведение заказа отменено в 1С", "the order was unposted in 1C"),
}

# Notices to a courier about his delivery: what happened, then how the delivery is now.
NOTICES: Mapping[str, Pair] = {
    "new": ("Новая доставка {order_number}", "New delivery {order_number}"),
    "again": ("Повторная доставка {order_number}", "Another try of delivery {order_number}"),
    "changed": ("Изменилась доставка {order_number}: {changed}", "Delivery {order_number} changed: {changed}"),
    "taken": (
        "Доставка {order_number} передана другому курьеру. Везти её не нужно.",
        "Delivery {order_number} was given to another courier. It is not yours any more.",
    ),
    "cancelled": ("Доставка {order_number} отменена. Везти её не нужно.", "Delivery {order_number} was cancelled."),
}
NOW: Mapping[str, Pair] = {
    "address": ("Адрес: {address}", "Address: {address}"),
    "window": ("Когда: {window}", "When: {window}"),
    "next_date": ("Новая дата: {next_date}", "New date: {next_date}"),
    "due": ("К получению: {due_kop}", "Due: {due_kop}"),
    "goods_out": (
        "Товар у вас: верните его на склад.",
        "You have the goods: bring them back to the warehouse.",
    ),
}
SINCE: Pair = ("с {end}", "from {end}")
UNTIL: Pair = ("до {end}", "until {end}")
# What of a delivery changed, as the courier cares for it.
CHANGED: Mapping[str, Pair] = {
    "address": ("адрес", "address"),
    "recipient": ("получатель", "recipient"),
    "window": ("время", "time"),
    "amount": ("сумма", "amount"),
    "goods": ("товары", "goods"),
}

# What is told beside the task, by the method of its message.
MESSAGES: Mapping[str, Pair] = {
    "steps.put": ("шаги в чек-листе", "steps of the checklist"),
    "task.say": ("строка в чате задачи", "line in the chat of the task"),
    "photos.put": ("фото", "photos"),
    "notice.put": ("уведомление курьеру", "notice to the courier"),
    "notice.incident": ("уведомление ответственным", "notice to who decides"),
    "notice.alarm": ("уведомление администраторам", "notice to administrators"),
}

# Notices to those who decide.
INCIDENTS: Mapping[str, Pair] = {
    "raised": ("Нужно решение{order}. {what}", "A decision is needed{order}. {what}"),
    "decided": ("Решено{order}. {what}", "Decided{order}. {what}"),
    "by": ("Решил: {decided_by}. {reason}", "Decided by {decided_by}. {reason}"),
    "of_order": (", заказ {order_number}", ", order {order_number}"),
    "many": (
        "За час поднято инцидентов: {n}. О каждом следующем отдельно не сообщаем, откройте список.",
        "Incidents raised within an hour: {n}. Further ones are not told one by one; open the list.",
    ),
}
ALARMS: Mapping[str, Pair] = {
    "raised": ("Тревога Посредника. {text}", "Alarm of Posrednik. {text}"),
    "over": ("Тревога Посредника снята. {text}", "An alarm of Posrednik is over. {text}"),
}
OPEN: Mapping[str, Pair] = {
    "delivery": ("Открыть доставку", "Open the delivery"),
    "incident": ("Открыть инцидент", "Open the incident"),
    "incidents": ("Открыть инциденты", "Open the incidents"),
    "alarms": ("Открыть состояние", "Open the state"),
    "app": ("Открыть в приложении Битрикс24", "Open in the Bitrix24 application"),
    "pwa": ("Открыть на телефоне без Битрикс24", "Open on the phone without Bitrix24"),
}

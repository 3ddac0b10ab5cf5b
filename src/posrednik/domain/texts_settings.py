"""Settings in words: mappings and keys that say no, what each event tells a subscriber. (Russian, English)."""

from collections.abc import Mapping

Words = tuple[str, str]

ERRORS: Mapping[str, Words] = {
    "mapping_wrong": (
        "Номер пользователя Битрикс24 состоит из цифр, до 18. Ничего не изменено. Возьмите его из адреса профиля: "
        "…/company/personal/user/НОМЕР/.",
        "The number of a user of Bitrix24 is digits, 18 at most. Nothing was changed. Take it from the address of the "
        "profile: …/company/personal/user/NUMBER/.",
    ),
    "no_portal": (
        "Спросить портал нельзя: он не задан в настройках, или приложение на нём ещё не установлено. Ничего не "
        "прочитано. Задайте [bitrix24] portal_url и доступ, затем установите приложение или укажите вебхук.",
        "The portal cannot be asked: none is set, or the application is not installed there yet. Nothing was read. Set "
        "[bitrix24] portal_url and access, then install the application or give a webhook.",
    ),
    "mapping_taken": (
        "Пользователь {user} уже у курьера {courier}: с одним номером на двоих не войдёт ни один. Ничего не изменено. "
        "Сначала уберите номер там или исправьте его в 1С.",
        "User {user} is already courier {courier}'s: with one number for two neither can enter. Nothing was changed. "
        "Take it away there first, or correct it in 1C.",
    ),
    "mapping_changed": (
        "Соответствие этого курьера уже изменил кто-то другой. Ваше изменение не сохранено. Посмотрите на новое "
        "значение и сохраните снова.",
        "Somebody else has changed this courier's mapping meanwhile. Your change was not saved. Look at the new value "
        "and save again.",
    ),
    "token_owner_unknown": (
        "Владельца для ключа нет: базы с таким идентификатором или действующего курьера с такой ссылкой не нашлось. "
        "Ключ не создан. Выберите его из списка.",
        "There is no owner for the token: no base with this id or active courier with this ref is known. No token was "
        "made. Choose one of the list.",
    ),
    "token_owner_missing": (
        "Не названо, чей это ключ (до 200 знаков). Ключ не создан. Напишите имя: по нему ключ узнают в списке.",
        "It was not said whose token it is (200 characters at most). No token was made. Give a name: it is how people "
        "will know the token in the list.",
    ),
    "token_in_use": (
        "Это ключ, с которым открыта эта страница. Он не отозван, иначе отозвать остальные было бы нечем. Войдите "
        "иначе и отзовите его оттуда.",
        "This is the token that this page is opened with. It was not revoked, or you could do nothing more here. Come "
        "in another way and revoke it from there.",
    ),
}

# What a subscriber is told: all types of the route table that go to the site.
EVENTS: Mapping[str, tuple[Words, Words]] = {
    "delivery.readied": (
        ("Готов", "Ready"),
        ("Заказ собран и ждёт курьера", "The order is packed and waits for a courier"),
    ),
    "delivery.assigned": (
        ("Назначен курьер", "A courier was assigned"),
        ("Курьер назначен, заменён или снят", "A courier was assigned, replaced or taken off"),
    ),
    "delivery.changed": (
        ("Изменена доставка", "The delivery was changed"),
        ("Состав, сумма, адрес или время стали другими", "Goods, amount, address or time are different now"),
    ),
    "delivery.picked_up": (
        ("Забрал", "Picked up"),
        ("Товар у курьера", "The courier has the goods"),
    ),
    "delivery.departed": (
        ("В пути", "On its way"),
        ("Курьер выехал к покупателю", "The courier is on his way to the buyer"),
    ),
    "delivery.handed_over": (
        ("Отдал", "Handed over"),
        (
            "Вручено: что принято, что нет, сколько и как оплачено",
            "Handed over: what was accepted and what not, paid how and how much",
        ),
    ),
    "delivery.not_delivered": (
        ("Не вручено", "Not delivered"),
        ("Не удалось: причина и, если есть, новая дата", "It failed: the reason and the new date, if there is one"),
    ),
    "delivery.retried": (
        ("Повторная доставка", "Tried again"),
        ("Повезут снова: дата и курьер", "It is tried again: the day and the courier"),
    ),
    "delivery.returned": (
        ("Возврат", "Returned"),
        ("Невручённое вернулось на склад", "What was not handed over is back at the warehouse"),
    ),
    "delivery.customer_returned": (
        ("Возврат от покупателя", "Returned by the buyer"),
        (
            "Покупатель вернул принятое: что и сколько денег",
            "The buyer gave back what he had accepted: goods and money",
        ),
    ),
    "delivery.corrected": (
        ("Исправлено", "Corrected"),
        ("Запись о вручении исправлена, данные новые", "The record of the hand-over was corrected, the data are new"),
    ),
    "delivery.withdrawn": (
        ("«Готов» снят", "Withdrawn"),
        ("Заказ вернулся в сборку, курьер не поедет", "The order is being packed again, no courier comes"),
    ),
    "delivery.cancelled": (
        ("Отменена", "Cancelled"),
        ("Доставка отменена: причина", "The delivery was cancelled: the reason"),
    ),
}

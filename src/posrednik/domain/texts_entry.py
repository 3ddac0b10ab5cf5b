"""Pages that say no to somebody who opens the application in Bitrix24: (what happened, what it means and what to do).

Russian, English. `{user}`: the portal's number of the user, as the portal told it.
"""

from collections.abc import Mapping

from posrednik.domain.texts_portal import REFUSED

Words = tuple[str, str]

ENTRY_PAGES: Mapping[str, tuple[Words, Words]] = {
    "user_unknown": (
        ("Вас нет среди курьеров",
         "В 1С ни у одного действующего курьера не указан ваш пользователь Битрикс24 (номер {user}). Войти нельзя, "
         "ничего не изменено. Попросите менеджера указать этот номер в карточке курьера в 1С или дать вам код входа. "
         "Если вы не курьер, а сотрудник офиса, его указывают на странице «Люди» Посредника."),
        ("You are not among the couriers",
         "In 1C no active courier has your user of Bitrix24 (number {user}). You cannot enter, nothing was changed. "
         "Ask the manager to write this number into the courier's card in 1C, or to give you a login code. If you are "
         "no courier but of the office, it is written on the page of people of Posrednik."),
    ),
    "user_of_several": (
        ("Ваш пользователь указан у нескольких курьеров",
         "В 1С пользователь Битрикс24 с номером {user} записан у двух или более действующих курьеров, и неясно, кто из "
         "них вы. Войти нельзя. Попросите менеджера исправить карточки курьеров в 1С или дать вам код входа."),
        ("Several couriers have your user",
         "In 1C the user of Bitrix24 with number {user} is written at two or more active couriers, so it is not clear "
         "who you are. You cannot enter. Ask the manager to correct the cards in 1C, or to give you a login code."),
    ),
    "person_unknown": (
        ("У вас нет доступа к Посреднику",
         "Битрикс24 подтвердил вас (пользователь номер {user}), но среди сотрудников Посредника этого номера нет или "
         "доступ закрыт. Войти нельзя, ничего не изменено; права администратора портала здесь не действуют. Попросите "
         "администратора Посредника указать этот номер на странице «Люди» или дать вам логин и пароль."),
        ("You have no access to Posrednik",
         "Bitrix24 confirmed who you are (user number {user}), but no employee of Posrednik has this number, or the "
         "access is closed. You cannot enter, nothing was changed; being an administrator of the portal does not "
         "count here. Ask the administrator of Posrednik to write this number on the page of people, or for a login."),
    ),
    "pass_over": (
        ("Битрикс24 не подтвердил вход",
         "Пропуск, с которым открыта страница, недействителен или устарел. Ничего не изменено. Закройте страницу и "
         "откройте приложение в Битрикс24 заново; если не поможет, попросите у менеджера код входа."),
        ("Bitrix24 did not confirm who you are",
         "The pass that came with this page is not valid any more. Nothing was changed. Close the page and open the "
         "application in Bitrix24 again; if that does not help, ask the manager for a login code."),
    ),
    "other_application": (
        ("Страница открыта другим приложением",
         "Пропуск выдан не приложению Посредника. Войти с ним нельзя, ничего не изменено. Откройте приложение "
         "Посредника из меню Битрикс24. Администратору: сравните bitrix24.client_id и application_token в настройках "
         "Посредника с карточкой приложения на портале."),
        ("Another application opened this page",
         "The pass was not given to the application of Posrednik. You cannot enter with it, nothing was changed. Open "
         "the application of Posrednik in the menu of Bitrix24. For the administrator: compare bitrix24.client_id and "
         "application_token in the settings of Posrednik with the application on the portal."),
    ),
    "other_portal": (
        ("Страница открыта с другого портала",
         "Пропуск выдан не тем порталом Битрикс24, с которым работает Посредник. Войти с ним нельзя, ничего не "
         "изменено. Откройте приложение на портале своей компании. Администратору: проверьте bitrix24.portal_url и "
         "member_id в настройках Посредника."),
        ("Another portal opened this page",
         "The pass was given by another portal than the one Posrednik works with. You cannot enter with it, nothing "
         "was changed. Open the application on the portal of your company. For the administrator: check "
         "bitrix24.portal_url and member_id in the settings of Posrednik."),
    ),
    "portal_away": (
        ("Битрикс24 сейчас не отвечает",
         "Сервер Битрикс24, который подтверждает вход, не ответил. Ничего не изменено, записанные шаги остались на "
         "телефоне. Подождите минуту и откройте приложение снова; если спешите, попросите у менеджера код входа."),
        ("Bitrix24 does not answer now",
         "The server of Bitrix24 that confirms who you are did not answer. Nothing was changed, your recorded steps "
         "are on the phone. Wait a minute and open the application again; in a hurry, ask the manager for a code."),
    ),
    "bad_request": (
        ("Запрос не похож на открытие из Битрикс24",
         "Битрикс24 передаёт с этой страницей пропуск, а его нет или он не читается. Ничего не изменено. Откройте "
         "приложение из меню Битрикс24 или войдите по коду от менеджера."),
        ("This does not look like Bitrix24",
         "Bitrix24 opens this page with a pass, and there is none, or it cannot be read. Nothing was changed. Open the "
         "application in the menu of Bitrix24, or enter with a code from the manager."),
    ),
    "not_configured": (
        ("Вход из Битрикс24 не настроен",
         "Посредник ещё не знает своего приложения на портале. Войдите по коду от менеджера. Администратору: укажите "
         "bitrix24.portal_url и client_id в настройках Посредника."),
        ("Entry from Bitrix24 is not set up",
         "Posrednik does not know its application on the portal yet. Enter with a code from the manager. For the "
         "administrator: set bitrix24.portal_url and client_id in the settings of Posrednik."),
    ),
    "too_often": (
        ("Слишком много открытий подряд",
         "С этого адреса приложение открывали слишком часто. Ничего не изменено. Подождите минуту и откройте снова."),
        ("Opened too often",
         "The application was opened too often from this address. Nothing was changed. Wait a minute and try again."),
    ),
    "unavailable": (
        ("Посредник сейчас не отвечает",
         "База данных Посредника недоступна. Ничего не изменено, записанные шаги остались на телефоне. Подождите "
         "минуту и откройте приложение снова."),
        ("Posrednik does not answer now",
         "The database of Posrednik cannot be reached. Nothing was changed, your recorded steps are on the phone. Wait "
         "a minute and open the application again."),
    ),
    "internal_error": (
        ("Внутренняя ошибка Посредника",
         "Она записана в журнал. Откройте приложение снова; если не поможет, попросите у менеджера код входа и "
         "сообщите администратору."),
        ("An internal error of Posrednik",
         "It was written to the log. Open the application again; if that does not help, ask the manager for a login "
         "code and tell the administrator."),
    ),
    **REFUSED,
}  # fmt: skip


def page_words(code: str, lang: str = "ru", *, user: str = "") -> Words:
    """(title, text) of a page; an unknown code gets that of internal_error."""
    title, text = (ENTRY_PAGES.get(code) or ENTRY_PAGES["internal_error"])[lang == "en"]
    return title, text.replace("{user}", user)

"""Texts about our application on the portal: the page after its installation, and why calls of the portal wait.

Russian, English: what happened, what it means, what to do.
"""

from collections.abc import Mapping

Words = tuple[str, str]

# Why there is no way to call the portal by the application's tokens.
NO_ACCESS: Mapping[str, Words] = {
    "not_installed": (
        "приложение Посредника не установлено на портале; администратору: откройте его в Битрикс24 и установите",
        "the application of Posrednik is not installed on the portal; an administrator: open it there and install it",
    ),
    "uninstalled": (
        "приложение Посредника удалено с портала; администратору: установите его снова",
        "the application of Posrednik was removed from the portal; an administrator: install it again",
    ),
    "token_dead": (
        "Битрикс24 больше не принимает токены приложения; администратору портала: откройте приложение Посредника в "
        "Битрикс24, токены обновятся сами",
        "Bitrix24 does not take the application's tokens any more; an administrator of the portal: open the "
        "application of Posrednik in Bitrix24, the tokens are renewed by that",
    ),
    "wrong_client": (
        "Битрикс24 не знает приложения с таким client_id и client_secret: его удалили и создали заново? "
        "Администратору: сравните их с карточкой приложения и установите его снова",
        "Bitrix24 knows no application with this client_id and client_secret: was it deleted and made anew? An "
        "administrator: compare them with the application's card and install it again",
    ),
    "other_owner": (
        "Битрикс24 обновил токены для другого пользователя или портала, они не приняты; администратору портала: "
        "откройте приложение Посредника в Битрикс24",
        "Bitrix24 renewed the tokens for another user or portal, they were not taken; an administrator of the portal: "
        "open the application of Posrednik in Bitrix24",
    ),
    "unreadable": (
        "токены приложения сохранены с другим client_secret и не читаются; администратору портала: проверьте "
        "bitrix24.client_secret и откройте приложение Посредника в Битрикс24",
        "the application's tokens were kept under another client_secret and cannot be read; an administrator of the "
        "portal: check bitrix24.client_secret and open the application of Posrednik in Bitrix24",
    ),
    "token_refused": (
        "портал не принимает токены, которые только что обновил; администратору: проверьте, что пользователь, "
        "установивший приложение, не уволен, и откройте приложение Посредника в Битрикс24",
        "the portal refuses tokens that it has just renewed; an administrator: check that the user who installed the "
        "application was not dismissed, and open the application of Posrednik in Bitrix24",
    ),
    "payment_required": (
        "приложение на портале не оплачено или закончился тариф; администратору: проверьте тариф портала",
        "the application is not paid or the tariff of the portal has ended; an administrator: check the tariff",
    ),
    "auth_away": (
        "сервер авторизации Битрикс24 не отвечает, токены обновим позже",
        "the authorisation server of Bitrix24 does not answer, the tokens are renewed later",
    ),
    "vault_away": (
        "токены приложения сейчас недоступны: не отвечает база данных Посредника",
        "the application's tokens cannot be reached now: the database of Posrednik does not answer",
    ),
}  # fmt: skip

# What each right of the application is for.
SCOPES: Mapping[str, Words] = {
    "task": ("Задачи (task): создавать и двигать задачи доставок", "Tasks (task): make and move tasks of deliveries"),
    "tasks": ("Задачи новые (tasks): создавать задачи без повторов",
              "New tasks (tasks): make tasks without duplicates"),
    "user": ("Пользователи (user): находить курьеров, замечать уволенных",
             "Users (user): find couriers, notice who was dismissed"),
    "im": ("Чат и уведомления (im): сообщать курьерам и руководителям",
           "Chat and notices (im): tell couriers and managers"),
    "disk": ("Диск (disk): прикладывать фотографии к задачам", "Disk (disk): put photos to tasks"),
    "sonet_group": ("Рабочие группы (sonet_group): проекты подразделений",
                    "Workgroups (sonet_group): projects of divisions"),
    "placement": ("Встраивание приложений (placement): кнопка в чате и в меню",
                  "Placements (placement): the button in chats and in the menu"),
}  # fmt: skip

# The page after the installation; {…} is filled in.
INSTALLED: Mapping[str, Words] = {
    "title": ("Посредник установлен", "Posrednik is installed"),
    "portal": ("Портал: {domain}", "Portal: {domain}"),
    "user": ("Посредник действует от имени пользователя № {user}. Лучше, если это отдельная служебная учётная запись "
             "администратора: при её увольнении приложение перестанет работать.",
             "Posrednik acts as user {user}. Better have an administrator's account of its own for it: when that user "
             "is dismissed, the application stops working."),
    "tokens": ("Токены сохранены в зашифрованном виде и будут обновляться сами.",
               "The tokens are kept encrypted and are renewed by themselves."),
    "missing": ("Чего не хватает", "What is missing"),
    "scopes": ("Добавьте приложению права и установите его снова:",
               "Give the application these rights and install it again:"),
    "no_token": ("Портал не передал токен приложения: события от него приниматься не будут. Установите приложение "
                 "снова.",
                 "The portal gave no application token: its events will not be taken. Install the application again."),
    "address": ("Адрес Посредника {url} не виден из интернета: события и кнопки в Битрикс24 работать не будут. "
                "Задайте server.public_url с https.",
                "The address of Posrednik {url} cannot be seen from outside: events and buttons in Bitrix24 will not "
                "work. Set server.public_url with https."),
    "nothing": ("Всё на месте.", "Nothing."),
    "next": ("Что дальше", "What is next"),
    "setup": ("Нажмите «Завершить установку». Затем выполните posrednik bitrix24 setup (проекты, колонки, кнопки, "
              "события) и posrednik bitrix24 check, он скажет словами, чего ещё не хватает. Подразделения и курьеры "
              "сопоставляются на странице «Настройки».",
              "Press «Finish the installation». Then run posrednik bitrix24 setup (projects, columns, buttons, events) "
              "and posrednik bitrix24 check, which says in words what is still missing. Divisions and couriers are "
              "mapped on the page «Settings»."),
    "finish": ("Завершить установку", "Finish the installation"),
    "finished": ("Установка завершена. Портал сейчас откроет приложение.",
                 "The installation is finished. The portal will open the application now."),
    "no_frame": ("Битрикс24 не ответил этой странице. Закройте её и откройте приложение на портале снова.",
                 "Bitrix24 did not answer this page. Close it and open the application on the portal again."),
}  # fmt: skip

# Pages that refuse an installation, in the shape of texts_entry.ENTRY_PAGES: (title, text).
REFUSED: Mapping[str, tuple[Words, Words]] = {
    "not_admin": (
        ("Установить может только администратор портала",
         "Битрикс24 подтвердил вас (пользователь номер {user}), но прав администратора у вас нет. Ничего не изменено. "
         "Попросите администратора портала открыть и установить приложение."),
        ("Only an administrator of the portal can install it",
         "Bitrix24 confirmed who you are (user number {user}), but you are no administrator. Nothing was changed. Ask "
         "an administrator of the portal to open and install the application."),
    ),
    "no_client_secret": (
        ("В Посреднике не задан ключ приложения",
         "Без bitrix24.client_secret токены нельзя сохранить и обновлять. Ничего не изменено. Администратору "
         "Посредника: укажите client_id и client_secret из карточки приложения, перезапустите Посредник и установите "
         "приложение снова."),
        ("Posrednik has no key of the application",
         "Without bitrix24.client_secret the tokens can be neither kept nor renewed. Nothing was changed. The "
         "administrator of Posrednik: set client_id and client_secret of the application's card, start Posrednik "
         "again and install the application again."),
    ),
}  # fmt: skip


def no_access(code: str, lang: str = "ru") -> str:
    """Why calls wait; an unknown code gets that of a dead token."""
    return (NO_ACCESS.get(code) or NO_ACCESS["token_dead"])[lang == "en"]


def installed(key: str, lang: str = "ru", **told: str) -> str:
    text = INSTALLED[key][lang == "en"]
    for name, value in told.items():
        text = text.replace("{" + name + "}", value)
    return text

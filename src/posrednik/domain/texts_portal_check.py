"""Check and set-up of the portal in words. (Russian, English). What is so, what it means, what to do."""

from collections.abc import Mapping
from typing import Any

_MOST_NAMES = 20
_WHERE = ("Приложения → Разработчикам → ваш вебхук или локальное приложение → «Настройка прав»",
          "Applications → Developer resources → your webhook or local application → “Assign permissions”")  # fmt: skip

_TITLES: Mapping[str, tuple[str, str]] = {
    "address": ("Адрес портала", "The portal's address"),
    "access": ("Доступ", "Access"),
    "admin": ("Права администратора", "Rights of an administrator"),
    "rights": ("Права (scope)", "Permissions (scope)"),
    "tariff": ("Тариф", "Tariff"),
    "installed": ("Приложение установлено", "The application is installed"),
    "clock": ("Часы", "Clocks"),
    "v3": ("REST v3", "REST v3"),
    "users": ("Пользователи портала", "Users of the portal"),
    "creator": ("Постановщик задач", "Creator of tasks"),
    "fallback": ("Ответственный по умолчанию", "Responsible by default"),
    "divisions": ("Подразделения", "Divisions"),
    "project": ("Проект: {division}", "Project: {division}"),
    "couriers": ("Курьеры", "Couriers"),
    "events": ("События портала", "Events of the portal"),
    "placements": ("Места в интерфейсе портала", "Places in the portal's pages"),
    "set_up": ("Настройка портала", "Set-up of the portal"),
    "set_project": ("Проект: {division}", "Project: {division}"),
    "set_columns": ("Колонки: {project}", "Columns: {project}"),
    "set_members": ("Участники: {project}", "Members: {project}"),
    "set_events": ("События портала", "Events of the portal"),
    "set_placements": ("Места в интерфейсе портала", "Places in the portal's pages"),
}

# right -> what it is called there, what it is for.
_RIGHTS: Mapping[str, tuple[tuple[str, str], tuple[str, str]]] = {
    "task": (("«Задачи» (task)", "“Tasks” (task)"), (
        "Без него ни одна доставка не попадёт в Битрикс24.", "Without it no delivery gets into Bitrix24.")),
    "tasks": (("«Задачи, REST v3» (tasks)", "“Tasks, REST v3” (tasks)"), (
        "Без него задачи создаются старым методом, с поиском перед каждой, и комментарии идут не в чат задачи.",
        "Without it tasks are made by the older method, with a look-up before each, and comments miss their chat.")),
    "user": (("«Пользователи» (user)", "“Users” (user)"), (
        "Без него не узнать, кто из сотрудников уволен, и не найти курьера по почте или телефону.",
        "Without it nobody knows who was dismissed, and no courier is found by e-mail or telephone.")),
    "sonet_group": (("«Рабочие группы» (sonet_group)", "“Workgroups” (sonet_group)"), (
        "Без него не создать и не проверить проекты подразделений.",
        "Without it projects of divisions can be neither made nor checked.")),
    "im": (("«Чат и уведомления» (im)", "“Chat and notifications” (im)"), (
        "Без него курьеры и руководители не получат уведомлений.",
        "Without it couriers and managers get no notices.")),
    "disk": (("«Диск» (disk)", "“Drive” (disk)"), (
        "Без него фотографии не попадут в задачи; у нас они хранятся всё равно.",
        "Without it photos do not get to the tasks; they are kept here all the same.")),
    "placement": (("«Встраивание приложений» (placement)", "“Application embedding” (placement)"), (
        "Без него приложение не появится в меню портала и чата.",
        "Without it the application is not in the menus of the portal and of chats.")),
}  # fmt: skip

# By key and what (the state where there is one sentence of it).
_SENTENCES: Mapping[tuple[str, str], tuple[str, str]] = {
    ("address", "ok"): ("Портал отвечает, соединение защищено как положено.",
                        "The portal answers, by a proper connection."),
    ("address", "address"): (
        "По этому адресу портала нет: {why}. Проверьте [bitrix24] portal_url и доступ этой машины в интернет.",
        "There is no portal at this address: {why}. Check [bitrix24] portal_url and whether this machine gets out."),
    ("address", "tls"): (
        "Защищённое соединение не установлено: {why}. Проверьте сертификат портала и время на этой машине.",
        "No secure connection: {why}. Check the portal's certificate and the time of this machine."),
    ("address", "busy"): (
        "Портал сейчас не ответил: {why}. Повторите проверку через минуту; если повторяется, посмотрите «Обмены».",
        "The portal did not answer now: {why}. Check again in a minute; if it stays so, look at the exchange page."),
    ("access", "webhook"): ("Входящий вебхук, действует от имени: {name} (№ {id}).",
                            "An incoming webhook, acting as {name} (no. {id})."),
    ("access", "application"): ("Локальное приложение, действует от имени: {name} (№ {id}).",
                                "A local application, acting as {name} (no. {id})."),
    ("access", "refused"): (
        "Портал нас не пускает: {why}. Пока это так, ничего не отправляется и ничего не теряется.",
        "The portal does not let us in: {why}. Until then nothing is sent, and nothing is lost."),
    ("access", "tariff"): (
        "Портал не принимает обращения: {why}. Продлите коммерческий тариф; накопленное уйдёт само.",
        "The portal takes no calls: {why}. Renew the commercial tariff; what waits will go by itself."),
    ("admin", "ok"): ("{name} (№ {id}) — администратор портала.", "{name} (no. {id}) is an administrator."),
    ("admin", "wrong"): (
        "{name} (№ {id}) не администратор: чужих задач и проектов ему не видно, поэтому возможны пропуски и повторы. "
        "Сделайте его администратором или перевыпустите доступ от имени администратора.",
        "{name} (no. {id}) is no administrator: he does not see others' tasks and projects, so some may be missed or "
        "made twice. Make him one, or make the access anew as an administrator."),
    ("rights", "ok"): ("Есть все: {names}.", "All are there: {names}."),
    ("rights", "warn"): ("Узнать права не удалось: {why}. Повторите проверку.",
                         "The permissions could not be learned: {why}. Check again."),
    ("tariff", "ok"): ("Портал принимает обращения, тариф: {licence}.", "The portal takes calls, tariff: {licence}."),
    ("installed", "ok"): ("Установка завершена.", "The installation is finished."),
    ("installed", "wrong"): (
        "Установка не завершена: событий и мест в меню нет, курьеры приложение не откроют. Откройте приложение на "
        "портале администратором и нажмите «Установить».",
        "The installation is not finished: no events, no menus, couriers cannot open it. Open the application on the "
        "portal as an administrator and press “Install”."),
    ("clock", "ok"): ("Часы портала и наши идут одинаково.", "The portal's clock and ours agree."),
    ("clock", "warn"): (
        "Часы портала и наши расходятся на {seconds} с. Обмен это учитывает, но время в задачах и у нас будет разным. "
        "Включите синхронизацию времени на этой машине.",
        "The portal's clock and ours differ by {seconds} s. The exchange allows for it, but times in tasks and here "
        "will differ. Have this machine keep its time by the network."),
    ("v3", "ok"): ("Есть: задача создаётся с ключом, повтор второй не сделает.",
                   "It is there: a task is made under a key, a repeat makes no second one."),
    ("v3", "warn"): (
        "Этого на портале нет: задачи создаются старым методом с поиском перед каждой. Делать ничего не нужно, это "
        "медленнее.",
        "The portal has none: tasks are made by the older method, with a look-up before each. Nothing to do; it is "
        "slower."),
    ("users", "wrong"): ("Список не прочитан: {why}. Кто уволен, неизвестно. Проверьте право «Пользователи».",
                         "The list was not read: {why}. Nobody knows who was dismissed. Check the permission “Users”."),
    ("creator", "ok"): ("{name} (№ {id}), работает.", "{name} (no. {id}), active."),
    ("creator", "inactive"): (
        "{name} (№ {id}) уволен: задачи от его имени создать нельзя. Перевыпустите вебхук или переустановите "
        "приложение от имени действующего администратора.",
        "{name} (no. {id}) was dismissed: no task can be made in his name. Make the webhook anew or reinstall the "
        "application as an administrator who works there."),
    ("creator", "unknown"): (
        "Пользователя № {id} на портале нет. Перевыпустите вебхук или переустановите приложение.",
        "The portal has no user no. {id}. Make the webhook anew or reinstall the application."),
    ("fallback", "ok"): ("{name} (№ {id}), работает.", "{name} (no. {id}), active."),
    ("fallback", "inactive"): (
        "{name} (№ {id}) уволен: задачи без курьера создать не на кого. Укажите другого: [bitrix24] responsible_id.",
        "{name} (no. {id}) was dismissed: tasks without a courier have nobody. Name another: [bitrix24] "
        "responsible_id."),
    ("fallback", "unknown"): (
        "Пользователя № {id} на портале нет. Укажите действующего: [bitrix24] responsible_id.",
        "The portal has no user no. {id}. Name one who works there: [bitrix24] responsible_id."),
    ("divisions", "warn"): ("Их пока нет: 1С ещё не передала справочник.", "None yet: 1C has not sent its list."),
    ("project", "own"): ("«{project}» (№ {group}), колонки и курьеры на месте.",
                         "“{project}” (no. {group}), columns and couriers are there."),
    ("project", "common"): ("Общий проект «{project}» (№ {group}), колонки и курьеры на месте.",
                            "The common project “{project}” (no. {group}), columns and couriers are there."),
    ("project", "none"): (
        "Проект не задан: задачи будут без канбана. Выполните posrednik bitrix24 setup, он создаст проект, или "
        "выберите готовый на странице «Настройки», «Соответствия».",
        "No project: tasks will have no kanban. Run posrednik bitrix24 setup to have one made, or choose one on the "
        "page “Settings”, “Mappings”."),
    ("project", "unknown"): (
        "Проекта № {group} на портале нет, или он нам не виден. Выберите другой на странице «Соответствия».",
        "The portal has no project no. {group}, or hides it from us. Choose another on the page “Mappings”."),
    ("project", "unread"): ("Проект № {group} не открылся: {why}. Проверьте право «Рабочие группы» и доступ.",
                            "Project no. {group} did not open: {why}. Check the permission “Workgroups” and access."),
    ("project", "closed"): (
        "«{project}» (№ {group}) в архиве, новых задач не примет. Верните его из архива или выберите другой.",
        "“{project}” (no. {group}) is in the archive and takes no tasks. Take it back, or choose another."),
    ("project", "columns"): (
        "В «{project}» (№ {group}) нет колонок: {names}. Выполните posrednik bitrix24 setup; без него их добавит "
        "первая задача.",
        "“{project}” (no. {group}) has no columns {names}. Run posrednik bitrix24 setup; else the first task adds "
        "them."),
    ("project", "members"): (
        "В «{project}» (№ {group}) не состоят: {names}. Канбана они не видят. Выполните posrednik bitrix24 setup.",
        "Not in “{project}” (no. {group}): {names}. They do not see its kanban. Run posrednik bitrix24 setup."),
    ("couriers", "ok"): ("У всех действующих ({n}) есть работающий пользователь.",
                         "All active ones ({n}) have a user who works there."),
    ("couriers", "no_user"): (
        "Без пользователя: {names}. Их задачи получит ответственный по умолчанию, с портала им не войти. Выберите "
        "пользователя на странице «Соответствия».",
        "Without a user: {names}. Their tasks go to the responsible by default, they cannot come in from the portal. "
        "Choose a user on the page “Mappings”."),
    ("couriers", "bad_user"): (
        "В 1С вместо номера пользователя текст: {names}. Исправьте в 1С или на странице «Соответствия».",
        "1C has a text instead of a number: {names}. Put it right in 1C or on the page “Mappings”."),
    ("couriers", "user_of_several"): (
        "Один пользователь у нескольких: {names}. Никто из них не войдёт с портала. Разведите их на «Соответствиях».",
        "Several have one user: {names}. None of them can come in from the portal. Part them on “Mappings”."),
    ("couriers", "user_unknown"): (
        "Такого пользователя на портале нет: {names}. Задачи на них не создаются. Выберите другого на «Соответствиях».",
        "The portal has no such user: {names}. No task can be given to them. Choose another on “Mappings”."),
    ("couriers", "user_inactive"): (
        "Пользователь уволен: {names}. Задачи на них не создаются. Выберите другого на «Соответствиях».",
        "The user was dismissed: {names}. No task can be given to them. Choose another on “Mappings”."),
    ("couriers", "user_never_came"): (
        "Пользователь ни разу не входил на портал: {names}. Уведомлений никто не прочтёт. Возможно, это вторая "
        "учётная запись: посмотрите на «Соответствиях».",
        "The user has never been on the portal: {names}. Nobody reads the notices. It may be a second account: look "
        "at “Mappings”."),
    ("couriers", "user_twin"): (
        "На портале есть другой действующий пользователь с тем же именем: {names}. Проверьте номер.",
        "The portal has another active user of the same name: {names}. Check the number."),
    ("events", "ok"): ("Подписаны на {url}: передвинутая карточка видна сразу.",
                       "Bound to {url}: a moved card is seen at once."),
    ("placements", "ok"): ("Приложение есть в меню портала и в чатах.",
                           "The application is in the portal's menu and in chats."),
    ("events", "webhook"): ("Через вебхук подписаться нельзя: изменения на портале видны опросом, раз в минуту.",
                            "A webhook cannot bind them: changes there are seen by polling, once a minute."),
    ("placements", "webhook"): ("Через вебхук встроиться нельзя: для этого нужно локальное приложение.",
                                "A webhook cannot place anything: that takes a local application."),
    ("events", "unread"): ("Узнать подписку не удалось: {why}.", "It could not be learned: {why}."),
    ("placements", "unread"): ("Узнать места не удалось: {why}.", "It could not be learned: {why}."),
    ("events", "missing"): (
        "Не подписаны: {names}. Передвинутая карточка видна не сразу, а раз в минуту. Выполните posrednik bitrix24 "
        "setup.",
        "Not bound: {names}. A moved card is seen once a minute only. Run posrednik bitrix24 setup."),
    ("placements", "missing"): ("Не встроены: {names}. Выполните posrednik bitrix24 setup.",
                                "Not placed: {names}. Run posrednik bitrix24 setup."),
    ("events", "local"): (
        "Не подписаны: {names}. Наш адрес {url} снаружи не виден. Укажите [server] public_url с https и выполните "
        "posrednik bitrix24 setup.",
        "Not bound: {names}. Our address {url} cannot be seen from outside. Set [server] public_url with https and run "
        "posrednik bitrix24 setup."),
    ("placements", "local"): (
        "Не встроены: {names}. Наш адрес {url} снаружи не виден. Укажите [server] public_url с https и выполните "
        "posrednik bitrix24 setup.",
        "Not placed: {names}. Our address {url} cannot be seen from outside. Set [server] public_url with https and "
        "run posrednik bitrix24 setup."),
    ("set_up", "no_admin"): (
        "{name} (№ {id}) не администратор портала, ничего не сделано. Перевыпустите доступ от имени администратора.",
        "{name} (no. {id}) is no administrator of the portal; nothing was done. Make the access anew as one."),
    ("set_up", "busy"): (
        "Настройка уже идёт в другом окне и не закончилась за минуту. Ничего не сделано; повторите позже.",
        "Another set-up is running and did not end within a minute. Nothing was done; try later."),
    ("set_up", "stopped"): (
        "Настройка прервана: {why}. Сделанное осталось; повторите, она продолжит с этого места.",
        "The set-up stopped: {why}. What was done stays; run it again, it goes on from there."),
    ("set_project", "kept"): ("«{project}» (№ {group}), задан раньше.", "“{project}” (no. {group}), set before."),
    ("set_project", "common"): ("Общий проект «{project}» (№ {group}).",
                                "The common project “{project}” (no. {group})."),
    ("set_project", "found"): ("На портале найден «{project}» (№ {group}), записан подразделению.",
                               "“{project}” (no. {group}) was found on the portal and given to the division."),
    ("set_project", "made"): ("Создан «{project}» (№ {group}).", "“{project}” (no. {group}) was made."),
    ("set_project", "twins"): (
        "На портале несколько проектов «{project}»: {names}. Взят № {group}; лишние уберите в архив.",
        "The portal has several projects “{project}”: {names}. No. {group} is taken; archive the others."),
    ("set_project", "failed"): ("Проекта нет: {why}. Исправьте и повторите настройку.",
                                "No project: {why}. Mend it and run the set-up again."),
    ("set_project", "unknown"): (
        "Проекта № {group} на портале нет, он в архиве или нам не виден. Выберите другой на странице «Соответствия».",
        "Project no. {group} is not on the portal, is archived, or hidden from us. Choose another on “Mappings”."),
    ("set_columns", "ok"): ("Все на месте.", "All are there."),
    ("set_columns", "done"): (
        "Добавлены: {added}; переименованы: {renamed}; переставлены: {moved}; убраны повторы: {dropped}.",
        "Added: {added}; renamed: {renamed}; moved: {moved}; doubles removed: {dropped}."),
    ("set_columns", "failed"): ("Не получилось: {why}. Повторите настройку.",
                                "It failed: {why}. Run the set-up again."),
    ("set_members", "ok"): ("Все курьеры и логисты с пользователем портала в проекте.",
                            "All couriers and logisticians with a user of the portal are in the project."),
    ("set_members", "done"): ("Добавлены: {names}.", "Added: {names}."),
    ("set_members", "failed"): ("Не добавлены {names}: {why}. Повторите настройку.",
                                "Not added: {names}: {why}. Run the set-up again."),
    ("set_events", "ok"): ("Подписаны на {url}.", "Bound to {url}."),
    ("set_placements", "ok"): ("Встроены.", "Placed."),
    ("set_events", "done"): ("Подписаны: {names}; снято прежних: {gone}.",
                             "Bound: {names}; earlier ones removed: {gone}."),
    ("set_placements", "done"): ("Встроены: {names}; снято прежних: {gone}.",
                                 "Placed: {names}; earlier ones removed: {gone}."),
    ("set_events", "failed"): (
        "Не подписаны {names}: {why}. Наш адрес: {url}. Пока изменения видны опросом, раз в минуту.",
        "Not bound: {names}: {why}. Our address: {url}. Until then changes are seen by polling, once a minute."),
    ("set_placements", "failed"): ("Не встроены {names}: {why}. Наш адрес: {url}.",
                                   "Not placed: {names}: {why}. Our address: {url}."),
    ("set_events", "webhook"): ("Через вебхук подписаться нельзя: изменения на портале видны опросом, раз в минуту.",
                                "A webhook cannot bind them: changes there are seen by polling, once a minute."),
    ("set_placements", "webhook"): ("Через вебхук встроиться нельзя: для этого нужно локальное приложение.",
                                    "A webhook cannot place anything: that takes a local application."),
    ("events", "stale"): ("Остались прежние адреса: {names}. Выполните posrednik bitrix24 setup.",
                          "Earlier addresses are left: {names}. Run posrednik bitrix24 setup."),
    ("placements", "stale"): ("Остались прежние адреса: {names}. Выполните posrednik bitrix24 setup.",
                              "Earlier addresses are left: {names}. Run posrednik bitrix24 setup."),
}  # fmt: skip


# What is wrong with a courier's mapping, and by what a user was found; short, for a table.
COURIER_WORDS: Mapping[str, tuple[str, str]] = {
    "no_user": ("нет пользователя", "no user"),
    "bad_user": ("в 1С не номер", "no number in 1C"),
    "user_of_several": ("один на нескольких", "several have him"),
    "no_warehouse": ("нет склада", "no warehouse"),
    "several_warehouses": ("складов несколько", "several warehouses"),
    "user_unknown": ("нет на портале", "not on the portal"),
    "user_inactive": ("уволен", "dismissed"),
    "user_never_came": ("ни разу не входил", "never came"),
    "user_twin": ("есть однофамилец", "another has his name"),
    "id": ("по номеру", "by number"),
    "email": ("по почте", "by e-mail"),
    "phone": ("по телефону", "by telephone"),
}


def line_text(key: str, what: str, lang: str, data: Mapping[str, Any]) -> tuple[str, str]:
    """(title, sentence) of a line."""
    index = int(lang == "en")
    shown = {name: _named(value) if isinstance(value, list) else value for name, value in data.items()}
    if key.startswith("right_"):
        title, use = _RIGHTS[key.removeprefix("right_")]
        do = f"Добавьте его: {_WHERE[0]}." if not index else f"Add it: {_WHERE[1]}."
        missing = ("Права нет.", "It is missing.")[index]
        return f"{('Право', 'Permission')[index]} {title[index]}", f"{missing} {use[index]} {do}"
    return _TITLES[key][index].format(**shown), _SENTENCES[key, what][index].format(**shown)


def _named(names: list[str]) -> str:
    more = len(names) - _MOST_NAMES
    if not names:
        return "–"
    return ", ".join(map(str, names[:_MOST_NAMES])) + (f" (+{more})" if more > 0 else "")

"""Alarms in words: what happened, what it means, what to do; each (Russian, English)."""

from collections.abc import Mapping

Words = tuple[str, str]

ALARMS: Mapping[str, tuple[Words, Words, Words]] = {
    "portal_stopped": (
        ("Битрикс24 не пускает Посредника", "Bitrix24 does not let Posrednik in"),
        (
            "{why}. Задачи, колонки и уведомления не передаются и ждут, ничего не теряется. Раз в несколько минут "
            "Посредник пробует снова.",
            "{why}. Tasks, columns and notices are not sent and wait; nothing is lost. Every few minutes Posrednik "
            "tries again.",
        ),
        (
            "Откройте вкладку «Битрикс24», нажмите «Проверить» и исправьте то, что названо.",
            "Open the tab “Bitrix24”, press “Check” and mend what it names.",
        ),
    ),
    "portal_overload": (
        ("Битрикс24 закрыл доступ из-за нагрузки", "Bitrix24 has closed the access because of load"),
        (
            "Сотрудники Битрикс24 остановили REST портала (OVERLOAD_LIMIT). Само это не проходит: Посредник пробует "
            "один раз в 15 минут, остальное ждёт.",
            "The staff of Bitrix24 stopped REST of the portal (OVERLOAD_LIMIT). This does not pass by itself: "
            "Posrednik tries once in 15 minutes, all else waits.",
        ),
        (
            "Найдите, что ещё обращается к порталу с этого адреса, уменьшите bitrix24.calls_per_second и напишите в "
            "поддержку Битрикс24.",
            "Find out what else calls the portal from this address, lower bitrix24.calls_per_second, and write to the "
            "support of Bitrix24.",
        ),
    ),
    "token_dead": (
        ("Токены приложения Битрикс24 не действуют", "The tokens of the application in Bitrix24 are dead"),
        ("{why}. До этого в Битрикс24 ничего не передаётся.", "{why}. Until then nothing is sent to Bitrix24."),
        (
            "Администратор портала открывает приложение Посредника в Битрикс24: токены обновятся сами.",
            "An administrator of the portal opens the application of Posrednik in Bitrix24: the tokens are renewed by "
            "that.",
        ),
    ),
    "token_unreadable": (
        ("Токены приложения Битрикс24 не читаются", "The tokens of the application in Bitrix24 cannot be read"),
        (
            "Они сохранены с другим client_secret, чем сейчас в настройках. Через приложение в Битрикс24 ничего не "
            "передаётся и ждёт, ничего не теряется; если задан вебхук, пока работает он.",
            "They were kept under another client_secret than the settings have now. By the application nothing is sent "
            "to Bitrix24 and waits, nothing is lost; where a webhook is configured, it does the work meanwhile.",
        ),
        (
            "Сравните bitrix24.client_secret с карточкой приложения и перезапустите службы. Если ключ сменили "
            "намеренно, администратор портала открывает приложение Посредника в Битрикс24: токены сохранятся заново.",
            "Compare bitrix24.client_secret with the application's card and start the services again. If the key was "
            "changed on purpose, an administrator of the portal opens the application of Posrednik in Bitrix24: the "
            "tokens are kept anew.",
        ),
    ),
    "token_old": (
        ("Токену Битрикс24 скоро конец", "The token of Bitrix24 will end soon"),
        (
            "Он не обновлялся {days} дн. Токен живёт 180 дней: осталось {left}.",
            "It was not renewed for {days} days. A token lives 180 days: {left} are left.",
        ),
        (
            "Администратор портала открывает приложение Посредника в Битрикс24.",
            "An administrator of the portal opens the application of Posrednik in Bitrix24.",
        ),
    ),
    "events_silent": (
        ("Битрикс24 не присылает события", "Bitrix24 sends no events"),
        (
            "Последнее событие: {told_at}, а задачи меняли и позже: {changed_at}. Опрос находит изменения сам, но на "
            "минуту позже.",
            "The last event: {told_at}, but tasks were changed later: {changed_at}. The poll finds changes by itself, "
            "only a minute later.",
        ),
        (
            "Выполните posrednik bitrix24 setup: он подпишет события на нынешний адрес. Проверьте, что портал может "
            "открыть этот адрес.",
            "Run posrednik bitrix24 setup: it binds the events to the address of today. Check that the portal can "
            "reach that address.",
        ),
    ),
    "events_forged": (
        ("Кто-то подделывает события Битрикс24", "Somebody forges events of Bitrix24"),
        (
            "За десять минут {forged} обращений без верного токена приложения. Все отклонены, данные не менялись.",
            "In ten minutes {forged} calls without the right token of the application. All were refused, nothing "
            "changed.",
        ),
        (
            "Если приложение переустанавливали, откройте его в Битрикс24 администратором. Иначе закройте адрес "
            "/bitrix24/events от чужих на прокси.",
            "If the application was installed anew, open it in Bitrix24 as an administrator. Else keep strangers from "
            "/bitrix24/events at the proxy.",
        ),
    ),
    "destination_away": (
        ("{title}: система не отвечает", "{title}: the system does not answer"),
        (
            "{why}. Сообщения ждут и уйдут по порядку, как только она ответит.",
            "{why}. Messages wait and go out in order as soon as it answers.",
        ),
        (
            "Проверьте, доступна ли система с этой машины, и сообщите её владельцу.",
            "Check whether it can be reached from this machine, and tell its owner.",
        ),
    ),
    "late": (
        ("{title}: сообщения опаздывают", "{title}: messages are late"),
        (
            "Самое старое ждёт с {since_at}. Обычно это секунды.",
            "The oldest has waited since {since_at}. Usually it is seconds.",
        ),
        (
            "Посмотрите на вкладке «Дорожки», чего оно ждёт.",
            "See in the tab “Lanes” what it waits for.",
        ),
    ),
    "dead_letters": (
        ("{title}: не принято сообщений: {dead}", "{title}: messages not accepted: {dead}"),
        (
            "Система отказала, повтор сам не поможет. Следующие сообщения тех же заказов ждут за ними.",
            "The system refused, a repeat would not help. Later messages of the same orders wait behind them.",
        ),
        (
            "На вкладке «Не передано» исправьте причину и повторите или пропустите.",
            "In the tab “Not delivered” mend the cause, then send again or skip.",
        ),
    ),
    "base_silent": (
        ("1С «{base}» молчит", "1C “{base}” is silent"),
        (
            "Последнее обращение: {heard_at}. Обычная самая длинная пауза этой базы: {usual_s}. Заказы из неё не "
            "приходят, события ей не передаются.",
            "The last call: {heard_at}. The longest usual pause of this base: {usual_s}. No orders come from it and it "
            "gets no events.",
        ),
        (
            "Проверьте в 1С регламентное задание обмена и журнал регистрации.",
            "Check the scheduled job of the exchange in 1C, and its log.",
        ),
    ),
    "worker_gone": (
        ("Рабочий процесс пропал: {host}", "A worker is gone: {host}"),
        (
            "Процесс {pid} перестал отвечать без предупреждения. Его дорожки забрали другие, о них сначала спросят "
            "получателя.",
            "Process {pid} fell silent without a word. The others took its lanes; the destination is asked about them "
            "first.",
        ),
        (
            "Посмотрите журнал службы на этой машине и запустите её снова.",
            "Look into the service's log on that machine and start it again.",
        ),
    ),
    "no_worker": (
        ("Ни один рабочий процесс не работает", "No worker is running"),
        (
            "Ничего никому не передаётся. Всё принятое цело и ждёт.",
            "Nothing is sent to anybody. All that was taken is safe and waits.",
        ),
        ("Запустите службу worker и посмотрите её журнал.", "Start the worker service and look into its log."),
    ),
    "disk_low": (
        ("Кончается место для фотографий", "The disk of photos is nearly full"),
        (
            "Свободно {free_mb} МБ из {whole_gb} ГБ. Когда место кончится, фото останутся в телефонах курьеров.",
            "{free_mb} MB of {whole_gb} GB are free. When it is full, photos stay in the couriers' phones.",
        ),
        (
            "Освободите место или перенесите хранилище: docs/runbooks/disk-full.md.",
            "Make room or move the storage: docs/runbooks/disk-full.md.",
        ),
    ),
}

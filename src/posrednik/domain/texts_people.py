"""What people of the office are told at the sign-in and about accounts. Russian, English beside it."""

from collections.abc import Mapping

PEOPLE: Mapping[str, tuple[str, str]] = {
    "sign_in_wrong": (
        "Логин или пароль не подходят, либо доступ закрыт. Вход не выполнен. Проверьте раскладку и Caps Lock; если "
        "не поможет, попросите у администратора новый пароль.",
        "The login or the password is wrong, or the access is closed. You are not signed in. Check the keyboard; if "
        "that does not help, ask the administrator for a new password.",
    ),
    "sign_in_locked": (
        "Слишком много неверных попыток, вход на время закрыт. Подождите и попробуйте снова; открыть его раньше может "
        "администратор на странице «Люди».",
        "Too many wrong tries, the sign-in is closed for a while. Wait and try again; the administrator can open it "
        "sooner on the page of people.",
    ),
    "sign_in_code_wanted": (
        "Пароль подходит. Введите код из приложения на телефоне или один из запасных кодов.",
        "The password is right. Enter the code of the application on your phone, or one of the recovery codes.",
    ),
    "sign_in_code_wrong": (
        "Код не подходит: он неверный, уже использован или устарел. Вход не выполнен. Дождитесь нового кода и введите "
        "его; проверьте, что время на телефоне верное.",
        "The code will not do: it is wrong, used, or over. You are not signed in. Wait for the next one; check the "
        "time of the phone.",
    ),
    "sign_in_new_password_wanted": (
        "Это одноразовый пароль. Придумайте свой: после входа действовать будет он.",
        "This password works once. Choose one of your own, which counts from now on.",
    ),
    "sign_in_ticket_over": (
        "Ссылка для входа уже использована или старше двух минут. Вход не выполнен. Откройте Посредник в Битрикс24 "
        "ещё раз.",
        "The link was used or is older than two minutes. You are not signed in. Open Posrednik in Bitrix24 again.",
    ),
    "no_account": (
        "Вы вошли токеном из командной строки, у него нет учётной записи. Войдите по логину и паролю.",
        "You came in by a token of the command line, which has no account. Sign in by a login and a password.",
    ),
    "person_changed": (
        "Пока вы правили, этого человека изменил другой администратор. Ничего не записано. Обновите страницу и "
        "повторите.",
        "Another administrator changed this person meanwhile. Nothing was written. Renew the page and do it again.",
    ),
    "login_unfit": (
        "Логин не подходит: нужны от 2 до 64 букв, цифр и знаков . _ @ + -, первым буква или цифра. Введите другой.",
        "The login will not do: 2 to 64 letters, digits and . _ @ + - are needed, first a letter or a digit.",
    ),
    "login_taken": (
        "Логин «{login}» уже занят, никто не добавлен. Выберите другой.",
        "The login “{login}” is taken, nobody was added. Choose another one.",
    ),
    "portal_user_taken": (
        "Пользователь Битрикс24 № {user} уже записан за другим человеком. Ничего не изменено. Проверьте номер.",
        "The Bitrix24 user {user} is another person's already. Nothing was changed. Check the number.",
    ),
    "name_missing": (
        "Не указано имя, ничего не записано. Введите, как человека зовут.",
        "There is no name, nothing was written. Enter what the person is called.",
    ),
    "role_unknown": (
        "Нужна хотя бы одна роль из списка; неизвестные: {roles}. Ничего не записано. Отметьте роли.",
        "At least one role of the list is needed; unknown: {roles}. Nothing was written. Choose the roles.",
    ),
    "division_unknown": (
        "Нужны подразделения из списка или «Все»; неизвестные: {division}. Ничего не записано. Отметьте подразделения.",
        "Divisions of the list are needed, or all of them; unknown: {division}. Nothing was written. Choose them.",
    ),
    "password_too_short": (
        "Пароль не подходит: нужно от {least} до {most} знаков. Он не изменён. Проще всего взять несколько слов.",
        "The password will not do: it needs {least} to {most} signs. It was not changed. Several words are easiest.",
    ),
    "password_too_plain": (
        "Пароль слишком простой: в нём логин, ряд клавиш или почти одинаковые знаки. Он не изменён. Возьмите "
        "несколько несвязанных слов.",
        "The password is too plain: it has the login, a row of keys, or nearly equal signs. It was not changed. Take "
        "several words that do not belong together.",
    ),
    "password_wrong": (
        "Нынешний пароль введён неверно, ничего не изменено. Введите его ещё раз.",
        "Your present password is wrong, nothing was changed. Enter it again.",
    ),
    "totp_code_wrong": (
        "Код не подходит: он неверный или уже использован. Ничего не изменено. Дождитесь нового кода и проверьте "
        "время на телефоне.",
        "The code will not do: it is wrong or used. Nothing was changed. Wait for the next one and check the time of "
        "the phone.",
    ),
    "totp_already_on": (
        "Вход с кодом уже включён, ничего не изменено. Чтобы сменить телефон, сначала выключите его.",
        "Signing in with a code is on already, nothing was changed. Switch it off first to use another phone.",
    ),
    "last_administrator": (
        "Это последний администратор без ограничения подразделений: без него некому управлять доступом. Ничего не "
        "изменено. Сначала дайте эту роль другому.",
        "This is the last administrator of all divisions: nobody could manage the access any more. Nothing was "
        "changed. Give this role to somebody else first.",
    ),
}

<?php

declare(strict_types=1);

$MESS['POSREDNIK_DELIVERY_MODULE_NAME'] = 'Посредник: доставка';
$MESS['POSREDNIK_DELIVERY_MODULE_DESCRIPTION'] = 'Показывает в заказах, что происходит с доставкой: статус отгрузки, номер отправления и свойства заказа приходят из Посредника. Обмен с 1С не затрагивается.';
$MESS['POSREDNIK_DELIVERY_INSTALLED'] = 'Модуль «Посредник: доставка» установлен';
$MESS['POSREDNIK_DELIVERY_REMOVING'] = 'Удаление модуля «Посредник: доставка»';
$MESS['POSREDNIK_DELIVERY_REMOVED'] = 'Модуль «Посредник: доставка» удалён';
$MESS['POSREDNIK_DELIVERY_TO_SETTINGS'] = 'Перейти к настройкам: задайте секрет и выберите статусы';
$MESS['POSREDNIK_DELIVERY_REMOVE_HINT'] = 'Сначала удалите или приостановите подписку в Посреднике, иначе он будет повторять отправку ещё трое суток. Заказы при удалении модуля не меняются.';
$MESS['POSREDNIK_DELIVERY_KEEP_TABLES'] = 'Сохранить таблицы и настройки (нужны, если модуль будет установлен снова)';
$MESS['POSREDNIK_DELIVERY_REMOVE'] = 'Удалить модуль';
$MESS['POSREDNIK_DELIVERY_MISSING_PHP'] = 'Модулю нужен PHP 8.1 или новее. Обновите PHP на сервере и повторите установку.';
$MESS['POSREDNIK_DELIVERY_MISSING_EXTENSION'] = 'Модулю нужны расширения PHP mbstring и hash. Включите их и повторите установку.';
$MESS['POSREDNIK_DELIVERY_MISSING_MAIN'] = 'Модулю нужен главный модуль версии 20.0.0 или новее. Обновите сайт и повторите установку.';
$MESS['POSREDNIK_DELIVERY_MISSING_SALE'] = 'Не установлен модуль «Интернет-магазин» (sale). Без него обновлять нечего: установите его и повторите.';
$MESS['POSREDNIK_DELIVERY_MISSING_CHARSET'] = 'Сайт работает не в кодировке UTF-8, тексты модуля на нём не прочитаются. Переведите сайт на UTF-8.';
$MESS['POSREDNIK_DELIVERY_RIGHT_D'] = 'доступ закрыт';
$MESS['POSREDNIK_DELIVERY_RIGHT_R'] = 'просмотр настроек и журнала';
$MESS['POSREDNIK_DELIVERY_RIGHT_W'] = 'изменение настроек и повтор событий';

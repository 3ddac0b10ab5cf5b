<?php

declare(strict_types=1);

$MESS['POSREDNIK_DELIVERY_ANSWER_ONLY_POST'] = 'принимаются только запросы POST';
$MESS['POSREDNIK_DELIVERY_ANSWER_SWITCHED_OFF'] = 'приём событий выключен в настройках модуля';
$MESS['POSREDNIK_DELIVERY_ANSWER_TOO_LARGE'] = 'тело запроса больше 256 КБ';
$MESS['POSREDNIK_DELIVERY_ANSWER_NO_BODY'] = 'тело запроса не прочиталось';
$MESS['POSREDNIK_DELIVERY_ANSWER_NO_SECRET'] = 'в настройках модуля не задан секрет подписки';
$MESS['POSREDNIK_DELIVERY_ANSWER_BAD_SECRET'] = 'секрет в настройках сайта не читается: впишите его заново';
$MESS['POSREDNIK_DELIVERY_ANSWER_NO_HEADERS'] = 'нет заголовков webhook-id, webhook-timestamp или webhook-signature';
$MESS['POSREDNIK_DELIVERY_ANSWER_BAD_TIMESTAMP'] = 'заголовок webhook-timestamp не читается';
$MESS['POSREDNIK_DELIVERY_ANSWER_OLD_TIMESTAMP'] = 'время запроса расходится с часами сайта больше чем на 5 минут: проверьте часы обоих серверов';
$MESS['POSREDNIK_DELIVERY_ANSWER_BAD_SIGNATURE'] = 'подпись не сошлась: секрет в настройках модуля другой, чем у подписки';
$MESS['POSREDNIK_DELIVERY_ANSWER_BAD_JSON'] = 'тело запроса не читается как JSON';
$MESS['POSREDNIK_DELIVERY_ANSWER_BAD_FIELD'] = 'в событии есть поле, которое не читается';
$MESS['POSREDNIK_DELIVERY_ANSWER_OTHER_BODY'] = 'событие с этим номером уже было, но с другим содержанием';
$MESS['POSREDNIK_DELIVERY_ANSWER_NOT_STORED'] = 'сайт не смог записать событие, повторите позже';

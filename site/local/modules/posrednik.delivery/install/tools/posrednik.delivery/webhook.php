<?php

declare(strict_types=1);

// Until the module itself answers, the answer is "later": a site whose database is away or that is being updated often
// shows its trouble with status 200, and Posrednik would take that for a receipt.
http_response_code(503);
header('Retry-After: 60');

define('NO_KEEP_STATISTIC', true);
define('NO_AGENT_STATISTIC', true);
define('NO_AGENT_CHECK', true);
define('NOT_CHECK_PERMISSIONS', true);
define('DisableEventsCheck', true);
define('BX_SECURITY_SESSION_VIRTUAL', true);

require $_SERVER['DOCUMENT_ROOT'] . '/bitrix/modules/main/include/prolog_before.php';

if (!\Bitrix\Main\Loader::includeModule('posrednik.delivery')) {
    exit;
}
$answer = \Posrednik\Delivery\Http::answer();
http_response_code($answer->status);
if ($answer->status !== 503) {
    header_remove('Retry-After');
}
\Bitrix\Main\Application::getInstance()->end(0, $answer->response());

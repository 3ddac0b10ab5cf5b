<?php

// The site of the tests from the command line, for tests that are not written in PHP:
//   php stage.php COMMAND [JSON]
// POSREDNIK_SITE_DB names its database, DOCUMENT_ROOT its folder. Prints JSON.

declare(strict_types=1);

require __DIR__ . '/bootstrap.php';

use Posrednik\Delivery\Agent;
use Posrednik\Delivery\EventTable;
use Posrednik\Delivery\Storage;

$_SERVER['DOCUMENT_ROOT'] = (string)getenv('DOCUMENT_ROOT');
$_REQUEST['sessid'] = 'good';
$told = json_decode($argv[2] ?? 'null', true, 512, JSON_THROW_ON_ERROR);

/** Builds the site and installs the module with its own installer. */
function install(): bool
{
    Site::build();
    require_once POSREDNIK_MODULE . '/install/index.php';
    ob_start();
    $done = (new posrednik_delivery())->DoInstall();
    ob_end_clean();
    return $done;
}

/** Works the queue off, also what waits for its next try or is being worked on by another process. */
function drain(): int
{
    for ($turn = 1; $turn < 400; $turn++) {
        Site::rows("UPDATE posrednik_delivery_event SET NEXT_AT = 0 WHERE STATE = 'new'");
        Agent::run();
        if (EventTable::getCount(['=STATE' => EventTable::NEW]) === 0) {
            return $turn;
        }
        usleep(20000);
    }
    throw new RuntimeException('the queue does not end');
}

$answer = match ($argv[1]) {
    'install' => install(),
    'set' => Site::set($told),
    'order' => Site::order($told),
    'seen' => Site::seen($told),
    'foreign' => Site::foreign([], $told),
    'query' => StandardExchange::query(),
    'agent' => Agent::run(),
    'drain' => drain(),
    'events' => EventTable::getList(['order' => ['RECEIVED_AT' => 'ASC', 'VERSION' => 'ASC']])->fetchAll(),
    'counts' => (new Storage())->counts(),
};
echo json_encode($answer, JSON_UNESCAPED_UNICODE | JSON_THROW_ON_ERROR);

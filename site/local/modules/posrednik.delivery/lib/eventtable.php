<?php

declare(strict_types=1);

namespace Posrednik\Delivery;

use Bitrix\Main\ORM\Data\DataManager;
use Bitrix\Main\ORM\Fields\IntegerField;
use Bitrix\Main\ORM\Fields\TextField;

/** Events as they came, and what became of them. The primary key makes a second one of the same id impossible. */
final class EventTable extends DataManager
{
    public const NEW = 'new';
    public const DONE = 'done';
    public const STALE = 'stale';
    public const SKIPPED = 'skipped';
    public const DEAD = 'dead';
    /** Not an event but a reason why requests were not taken. */
    public const REFUSED = 'refused';
    public const STATES = [self::NEW, self::DONE, self::STALE, self::SKIPPED, self::DEAD, self::REFUSED];

    public static function getTableName()
    {
        return 'posrednik_delivery_event';
    }

    public static function getMap()
    {
        return [
            Column::key('EVENT_ID', 36),
            Column::text('MESSAGE_ID', 255),
            Column::text('BODY_HASH', 64),
            Column::text('TYPE', 64),
            Column::text('DELIVERY_ID', 36),
            new IntegerField('VERSION'),
            Column::text('STAGE', 32),
            Column::text('SITE_NUMBER', 100),
            // Holds 65 535 bytes in MySQL; see Inbox::MOST_KEPT_BYTES.
            new TextField('BODY'),
            Column::text('STATE', 16),
            // A code of WHY_… in lang/<language>/lib/texts.php, and what it is about.
            Column::text('WHY', 64),
            Column::text('DETAIL', 250),
            new IntegerField('ATTEMPT'),
            // Unix seconds, 0 = never.
            new IntegerField('NEXT_AT'),
            new IntegerField('RECEIVED_AT'),
            new IntegerField('DONE_AT'),
        ];
    }
}

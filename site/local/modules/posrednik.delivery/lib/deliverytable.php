<?php

declare(strict_types=1);

namespace Posrednik\Delivery;

use Bitrix\Main\ORM\Data\DataManager;
use Bitrix\Main\ORM\Fields\IntegerField;

/** The newest version of each delivery that was applied to its order. */
final class DeliveryTable extends DataManager
{
    public static function getTableName()
    {
        return 'posrednik_delivery_state';
    }

    public static function getMap()
    {
        return [
            Column::key('DELIVERY_ID', 36),
            new IntegerField('VERSION'),
            Column::text('STAGE', 32),
            Column::text('SITE_NUMBER', 100),
            new IntegerField('CHANGED_AT'),
        ];
    }
}

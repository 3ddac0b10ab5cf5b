<?php

declare(strict_types=1);

$posrednik_delivery_default_option = [
    'active' => 'Y',
    'secret' => '',
    'secret_old' => '',
    'secret_old_until' => '0',
    'order_key' => 'ACCOUNT_NUMBER',
    'shipment_statuses' => '{}',
    'may_change_order' => 'N',
    'order_statuses' => '{}',
    'properties' => '{}',
    'tracking' => '',
    'mail' => 'Y',
    'background' => 'Y',
    'keep_days' => '60',
];

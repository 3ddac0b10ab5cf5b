<?php

declare(strict_types=1);

return [
    'controllers' => [
        'value' => ['defaultNamespace' => '\\Posrednik\\Delivery\\Controller'],
        'readonly' => true,
    ],
];

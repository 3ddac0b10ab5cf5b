<?php

declare(strict_types=1);

namespace Posrednik\Delivery;

/** One field that is to get a value. target: one of the constants; name: of the field, or the code of a property. */
final class Change
{
    public const SHIPMENT = 'shipment';
    public const ORDER = 'order';
    public const PROPERTY = 'property';

    public function __construct(
        public readonly string $target,
        public readonly string $name,
        public readonly string $value,
    ) {
    }
}

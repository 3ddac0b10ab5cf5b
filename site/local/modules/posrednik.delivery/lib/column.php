<?php

declare(strict_types=1);

namespace Posrednik\Delivery;

use Bitrix\Main\ORM\Fields\StringField;
use Bitrix\Main\ORM\Fields\Validators\LengthValidator;

/** Columns of texts. Kernels take the width of a column from its size or from its validator, so both are there. */
final class Column
{
    public static function text(string $name, int $size): StringField
    {
        return new StringField($name, self::settings($size));
    }

    public static function key(string $name, int $size): StringField
    {
        return new StringField($name, ['primary' => true] + self::settings($size));
    }

    /** @return array<string, mixed> */
    private static function settings(int $size): array
    {
        return ['size' => $size, 'validation' => static fn (): array => [new LengthValidator(null, $size)]];
    }
}

<?php

declare(strict_types=1);

namespace Posrednik\Delivery;

/** When an event that could not be applied is tried again. Pure. */
final class Retry
{
    // Seconds after the first, second, … failure; about two days in all.
    public const PAUSES_S = [60, 300, 900, 3600, 10800, 21600, 43200, 86400];

    /** Unix time of the next try when that many have failed; null = give up. */
    public static function next(int $failures, int $now): ?int
    {
        $pause = self::PAUSES_S[$failures - 1] ?? null;
        return $pause === null ? null : $now + $pause;
    }
}

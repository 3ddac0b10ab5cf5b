<?php

declare(strict_types=1);

namespace Posrednik\Delivery;

/** Events of one delivery count by its version; they may come late, twice and with gaps. Pure. */
final class Ordering
{
    /**
     * Whether an event is to be applied. The newest one may come again: a person repeats what was applied in part. Each
     * version has one event, so it can be no other.
     *
     * @param int|null $applied the newest version that was applied; null = none
     */
    public static function isDue(?int $applied, int $version): bool
    {
        return $applied === null || $version >= $applied;
    }

    /**
     * Oldest first within each delivery, deliveries in the order in which their first event came.
     *
     * @param list<array<string, mixed>> $rows with DELIVERY_ID and VERSION
     * @return list<array<string, mixed>>
     */
    public static function sorted(array $rows): array
    {
        $place = [];
        foreach ($rows as $row) {
            $place[(string)$row['DELIVERY_ID']] ??= count($place);
        }
        usort($rows, static fn (array $a, array $b): int => [$place[(string)$a['DELIVERY_ID']], (int)$a['VERSION']]
            <=> [$place[(string)$b['DELIVERY_ID']], (int)$b['VERSION']]);
        return $rows;
    }
}

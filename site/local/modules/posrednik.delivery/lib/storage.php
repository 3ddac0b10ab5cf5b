<?php

declare(strict_types=1);

namespace Posrednik\Delivery;

use Bitrix\Main\Application;
use Bitrix\Main\DB\Connection;
use Bitrix\Main\DB\SqlQueryException;
use Bitrix\Main\ORM\Data\Result;

/** All reads and writes of the module's own two tables. */
final class Storage
{
    private const LOCK = 'posrednik.delivery';
    private const HEAD = [
        'EVENT_ID', 'TYPE', 'DELIVERY_ID', 'VERSION', 'STAGE', 'SITE_NUMBER', 'STATE', 'WHY', 'DETAIL', 'ATTEMPT',
        'NEXT_AT', 'RECEIVED_AT', 'DONE_AT',
    ];

    /**
     * Writes an event.
     *
     * @param array<string, string|int> $row
     * @return array<string, mixed>|null the row that has this id already; null = the new one was written
     * @throws \Throwable when the database does not take it
     */
    public function add(array $row): ?array
    {
        try {
            self::checked(EventTable::add($row));
            return null;
        } catch (SqlQueryException $error) {
            // A second event of the same id is told from every other trouble by looking.
            return EventTable::getRowById($row['EVENT_ID']) ?? throw $error;
        }
    }

    /** @return list<array<string, mixed>> events that are due, oldest first */
    public function due(int $now, int $limit): array
    {
        $filter = ['=STATE' => EventTable::NEW, '<=NEXT_AT' => $now];
        return EventTable::getList(
            ['filter' => $filter, 'order' => ['RECEIVED_AT' => 'ASC', 'VERSION' => 'ASC'], 'limit' => $limit]
        )->fetchAll();
    }

    /** @param array<string, string|int> $fields */
    public function change(string $eventId, array $fields): void
    {
        self::checked(EventTable::update($eventId, $fields));
    }

    public function appliedVersion(string $deliveryId): ?int
    {
        $row = DeliveryTable::getRowById($deliveryId);
        return $row === null ? null : (int)$row['VERSION'];
    }

    /**
     * An event was applied: both rows or none.
     *
     * @param array<string, string|int> $fields of the event
     */
    public function applied(Envelope $event, array $fields, int $now): void
    {
        $connection = $this->connection();
        $connection->startTransaction();
        try {
            $this->change($event->eventId, $fields);
            $this->keepVersion($event, $now);
            $connection->commitTransaction();
        } catch (\Throwable $error) {
            $connection->rollbackTransaction();
            throw $error;
        }
    }

    private function keepVersion(Envelope $event, int $now): void
    {
        $state = [
            'VERSION' => $event->version, 'STAGE' => $event->stage, 'SITE_NUMBER' => $event->siteNumber,
            'CHANGED_AT' => $now,
        ];
        $known = DeliveryTable::getRowById((string)$event->deliveryId) !== null;
        self::checked(
            $known
                ? DeliveryTable::update((string)$event->deliveryId, $state)
                : DeliveryTable::add(['DELIVERY_ID' => (string)$event->deliveryId] + $state)
        );
    }

    /** Puts an event back into the queue that was given up or skipped. False: there is no such event. */
    public function again(string $eventId, int $now): bool
    {
        $row = EventTable::getRowById($eventId);
        if ($row === null || !in_array($row['STATE'], [EventTable::DEAD, EventTable::SKIPPED, EventTable::NEW], true)) {
            return false;
        }
        $this->change($eventId, ['STATE' => EventTable::NEW, 'ATTEMPT' => 0, 'NEXT_AT' => $now, 'DONE_AT' => 0]);
        return true;
    }

    /** @return list<array<string, mixed>> newest first, without bodies */
    public function recent(string $state, int $limit): array
    {
        $filter = in_array($state, EventTable::STATES, true) ? ['=STATE' => $state] : [];
        return EventTable::getList(
            ['select' => self::HEAD, 'filter' => $filter, 'order' => ['RECEIVED_AT' => 'DESC'], 'limit' => $limit]
        )->fetchAll();
    }

    /** @return array<string, int> how many events are in each state */
    public function counts(): array
    {
        $counts = [];
        foreach (EventTable::STATES as $state) {
            $counts[$state] = (int)EventTable::getCount(['=STATE' => $state]);
        }
        return $counts;
    }

    /** Removes what ended before; at most so many rows of each table. Returns how many. */
    public function clean(int $eventsBefore, int $deliveriesBefore, int $limit): int
    {
        $old = ['!=STATE' => EventTable::NEW, '<RECEIVED_AT' => $eventsBefore];
        $rows = EventTable::getList(['select' => ['EVENT_ID'], 'filter' => $old, 'limit' => $limit])->fetchAll();
        foreach ($rows as $row) {
            self::checked(EventTable::delete($row['EVENT_ID']));
        }
        $still = DeliveryTable::getList(
            ['select' => ['DELIVERY_ID'], 'filter' => ['<CHANGED_AT' => $deliveriesBefore], 'limit' => $limit]
        )->fetchAll();
        foreach ($still as $row) {
            self::checked(DeliveryTable::delete($row['DELIVERY_ID']));
        }
        return count($rows) + count($still);
    }

    /** Whether this process alone may work on the queue now; the database takes the lock back if it dies. */
    public function lock(): bool
    {
        return (bool)$this->connection()->lock(self::LOCK, 0);
    }

    public function unlock(): void
    {
        $this->connection()->unlock(self::LOCK);
    }

    private function connection(): Connection
    {
        return Application::getConnection();
    }

    private static function checked(Result $result): void
    {
        if (!$result->isSuccess()) {
            throw new \RuntimeException(implode('; ', $result->getErrorMessages()));
        }
    }
}

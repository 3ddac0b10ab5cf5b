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
    private const OVERDUE_S = 600;
    private const MOST_AGAIN = 1000;
    // Reasons of an applied event that leave nothing to do.
    private const NOTHING_LEFT = ['', 'test', 'changed_by_site'];
    // Whoever sends rubbish does not get a write for each request.
    private const REFUSED_S = 60;
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

    /**
     * Counts a try of a waiting event before it is made.
     *
     * @param int $seen how many tries this process has read of
     * @return bool false: another process, or a person, was faster
     */
    public function claim(string $eventId, int $seen, int $next): bool
    {
        $helper = $this->connection()->getSqlHelper();
        $this->connection()->queryExecute(sprintf(
            "UPDATE %s SET ATTEMPT = %d, NEXT_AT = %d WHERE EVENT_ID = '%s' AND STATE = '%s' AND ATTEMPT = %d",
            EventTable::getTableName(),
            $seen + 1,
            $next,
            $helper->forSql($eventId),
            EventTable::NEW,
            $seen
        ));
        return $this->connection()->getAffectedRowsCount() === 1;
    }

    /** Keeps one row for each reason of a refusal; $detail: of ours, nothing of the request. */
    public function refused(string $reason, string $detail, int $now): void
    {
        $id = EventTable::REFUSED . ':' . $reason;
        $known = EventTable::getRowById($id);
        if ($known !== null && abs($now - (int)$known['RECEIVED_AT']) < self::REFUSED_S) {
            return;
        }
        $fields = ['WHY' => $reason, 'DETAIL' => mb_substr($detail, 0, 250, 'UTF-8'), 'RECEIVED_AT' => $now];
        if ($known !== null) {
            $this->change($id, $fields);
            return;
        }
        $this->add($fields + [
            'EVENT_ID' => $id, 'MESSAGE_ID' => '', 'BODY_HASH' => '', 'TYPE' => '', 'DELIVERY_ID' => '', 'VERSION' => 0,
            'STAGE' => '', 'SITE_NUMBER' => '', 'BODY' => '', 'STATE' => EventTable::REFUSED, 'ATTEMPT' => 0,
            'NEXT_AT' => 0, 'DONE_AT' => $now,
        ]);
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
        } catch (\Throwable $error) {
            $connection->rollbackTransaction();
            throw $error;
        }
        // Not inside: the kernel counts the levels down before it asks the database, a rollback would be one too many.
        $connection->commitTransaction();
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

    /** Puts an event back into the queue: given up, skipped or applied in part. False: there is no such event. */
    public function again(string $eventId, int $now): bool
    {
        $row = EventTable::getRowById($eventId);
        if ($row === null || !self::isOpen($row)) {
            return false;
        }
        $this->change($eventId, [
            'STATE' => EventTable::NEW, 'WHY' => '', 'DETAIL' => '', 'ATTEMPT' => 0, 'NEXT_AT' => $now, 'DONE_AT' => 0,
        ]);
        return true;
    }

    /** The same for all of them, the newest of each delivery: the buyer is not to get old news. Returns how many. */
    public function againAll(int $now): int
    {
        $newest = [];
        foreach ($this->open() as $row) {
            $known = $newest[$row['DELIVERY_ID']] ?? null;
            if ($known === null || (int)$row['VERSION'] > (int)$known['VERSION']) {
                $newest[$row['DELIVERY_ID']] = $row;
            }
        }
        return count(array_filter($newest, fn (array $row): bool => $this->again((string)$row['EVENT_ID'], $now)));
    }

    /** Whether there is something left to do about an event that ended, or that waits for its next try. */
    public static function isOpen(array $row): bool
    {
        return match ($row['STATE']) {
            EventTable::DEAD => true,
            EventTable::SKIPPED => $row['DELIVERY_ID'] !== '',
            EventTable::NEW => (int)$row['ATTEMPT'] > 0,
            EventTable::DONE => !in_array($row['WHY'], self::NOTHING_LEFT, true),
            default => false,
        };
    }

    /** @return list<array<string, mixed>> what ended with something left to do, newest first */
    private function open(): array
    {
        $rows = [];
        $about = ['!=DELIVERY_ID' => ''];
        foreach ([
            ['@STATE' => [EventTable::DEAD, EventTable::SKIPPED]] + $about,
            ['=STATE' => EventTable::DONE, '!@WHY' => self::NOTHING_LEFT] + $about,
        ] as $filter) {
            $rows[] = EventTable::getList([
                'select' => self::HEAD, 'filter' => $filter, 'order' => ['RECEIVED_AT' => 'DESC'],
                'limit' => self::MOST_AGAIN,
            ])->fetchAll();
        }
        return array_merge(...$rows);
    }

    /** How many events wait longer than they should: nobody works off the queue. */
    public function overdue(int $now): int
    {
        return (int)EventTable::getCount(['=STATE' => EventTable::NEW, '<NEXT_AT' => $now - self::OVERDUE_S]);
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

<?php

declare(strict_types=1);

namespace Posrednik\Delivery;

/** Works off the queue: one process at a time, within a time budget. */
final class Worker
{
    private const BATCH = 50;
    private const CLEAN_AT_ONCE = 200;
    private const DAY_S = 86400;
    // An event that was applied to an order which somebody had open; looked at again until it is closed, for a day.
    public const OPEN = 'order_open';
    private const SECOND_LOOK_S = 600;
    // Longer than any repeat of an event: what came before is known by its version, not by its id.
    private const KEEP_VERSIONS_S = 400 * self::DAY_S;

    /** @param \Closure(): int $clock Unix seconds */
    public function __construct(
        private readonly Storage $storage,
        private readonly Applier $applier,
        private readonly int $keepDays,
        private readonly \Closure $clock,
    ) {
    }

    public static function ofSettings(): self
    {
        $settings = Settings::load();
        $applier = new Applier($settings, Shop::mapping($settings), Shop::guard($settings));
        return new self(new Storage(), $applier, $settings->keepDays, time(...));
    }

    /** Returns how many events were looked at; 0 also when another process is at work. */
    public function run(float $budgetS): int
    {
        if (!$this->storage->lock()) {
            return 0;
        }
        try {
            return $this->runLocked(microtime(true) + $budgetS);
        } finally {
            $this->storage->unlock();
        }
    }

    private function runLocked(float $until): int
    {
        $count = 0;
        do {
            $rows = $this->storage->due(($this->clock)(), self::BATCH);
            foreach (Ordering::sorted($rows) as $row) {
                $this->one($row);
                $count++;
                if (microtime(true) >= $until) {
                    return $count;
                }
            }
        } while (count($rows) === self::BATCH);
        $now = ($this->clock)();
        $this->storage->clean($now - $this->keepDays * self::DAY_S, $now - self::KEEP_VERSIONS_S, self::CLEAN_AT_ONCE);
        return $count;
    }

    /** @param array<string, mixed> $row */
    private function one(array $row): void
    {
        $try = (int)$row['ATTEMPT'] + 1;
        $isLast = $try > count(Retry::PAUSES_S) + 1;
        try {
            $next = Retry::next($try, ($this->clock)()) ?? ($this->clock)() + self::DAY_S;
            // Counted before it is made: an event that kills the process (memory, a time limit) must not be the first
            // of every run for ever.
            if (!$isLast && $this->storage->claim((string)$row['EVENT_ID'], $try - 1, $next)) {
                $this->decide($row, Envelope::parse((string)$row['BODY']));
            }
        } catch (\Throwable $error) {
            $this->failed($row, $try, $error);
        }
        $isLast && $this->failed($row, $try, new \RuntimeException('killed'));
    }

    /** @param array<string, mixed> $row */
    private function decide(array $row, Envelope $event): void
    {
        $applied = $event->deliveryId === null ? null : $this->storage->appliedVersion($event->deliveryId);
        if ($event->deliveryId !== null && !Ordering::isDue($applied, $event->version)) {
            $this->end($event->eventId, EventTable::STALE, 'older_version', (string)$applied);
            return;
        }
        $isSecondLook = $row['WHY'] === self::OPEN;
        $outcome = $this->applier->apply($event, $isSecondLook);
        // It was applied before; that the order is closed or gone by now changes nothing of that.
        $this->record($row, $event, $isSecondLook && !$outcome->isDone() ? Outcome::done() : $outcome);
    }

    /** @param array<string, mixed> $row */
    private function record(array $row, Envelope $event, Outcome $outcome): void
    {
        $now = ($this->clock)();
        $fields = self::ended($outcome->state, $outcome->why, $outcome->detail, $now);
        if (!$outcome->isDone() || $event->deliveryId === null) {
            $this->storage->change($event->eventId, $fields);
            return;
        }
        if ($outcome->isOpen && $now < (int)$row['RECEIVED_AT'] + self::DAY_S) {
            $fields = ['STATE' => EventTable::NEW, 'WHY' => self::OPEN, 'DETAIL' => '', 'ATTEMPT' => 0];
            $fields['NEXT_AT'] = $now + self::SECOND_LOOK_S;
        }
        $this->storage->applied($event, $fields, $now);
    }

    private function end(string $eventId, string $state, string $why, string $detail): void
    {
        $this->storage->change($eventId, self::ended($state, $why, $detail, ($this->clock)()));
    }

    /** @return array<string, string|int> */
    private static function ended(string $state, string $why, string $detail, int $now): array
    {
        return ['STATE' => $state, 'WHY' => $why, 'DETAIL' => mb_substr($detail, 0, 250, 'UTF-8'), 'DONE_AT' => $now];
    }

    /** @param array<string, mixed> $row */
    private function failed(array $row, int $failures, \Throwable $error): void
    {
        $now = ($this->clock)();
        $next = Retry::next($failures, $now);
        $this->storage->change((string)$row['EVENT_ID'], [
            'STATE' => $next === null ? EventTable::DEAD : EventTable::NEW,
            // A second look stays one: the rest of the event was applied, and a person may have changed it since.
            'WHY' => $next !== null && $row['WHY'] === self::OPEN ? self::OPEN : 'failed',
            'DETAIL' => mb_substr($error->getMessage(), 0, 250, 'UTF-8'),
            'NEXT_AT' => $next ?? 0,
            'DONE_AT' => $next === null ? $now : 0,
        ]);
        if ($next === null) {
            Journal::dead((string)$row['SITE_NUMBER'], $error);
        }
    }
}

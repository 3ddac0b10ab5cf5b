<?php

declare(strict_types=1);

namespace Posrednik\Delivery;

/** Works off the queue: one process at a time, within a time budget. */
final class Worker
{
    private const BATCH = 50;
    private const CLEAN_AT_ONCE = 200;
    private const DAY_S = 86400;
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
        $failures = (int)$row['ATTEMPT'] + 1;
        $error = new \RuntimeException('killed');
        try {
            if ($this->begun((string)$row['EVENT_ID'], $failures)) {
                $this->decide(Envelope::parse((string)$row['BODY']));
                return;
            }
        } catch (\Throwable $error) {
            // Told below.
        }
        $this->failed($row, $failures, $error);
    }

    /**
     * Counts the try before it is made: an event that kills the process (memory, a time limit) must not be the first of
     * every run for ever. False: it was tried often enough.
     */
    private function begun(string $eventId, int $try): bool
    {
        if ($try > count(Retry::PAUSES_S) + 1) {
            return false;
        }
        $now = ($this->clock)();
        $next = Retry::next($try, $now) ?? $now + self::DAY_S;
        $this->storage->change($eventId, ['ATTEMPT' => $try, 'NEXT_AT' => $next]);
        return true;
    }

    private function decide(Envelope $event): void
    {
        $applied = $event->deliveryId === null ? null : $this->storage->appliedVersion($event->deliveryId);
        if ($event->deliveryId !== null && !Ordering::isNewer($applied, $event->version)) {
            $this->end($event->eventId, EventTable::STALE, 'older_version', (string)$applied);
            return;
        }
        $this->record($event, $this->applier->apply($event));
    }

    private function record(Envelope $event, Outcome $outcome): void
    {
        if ($outcome->state === EventTable::DONE && $event->deliveryId !== null) {
            $now = ($this->clock)();
            $fields = self::ended($outcome->state, $outcome->why, $outcome->detail, $now);
            $this->storage->applied($event, $fields, $now);
            return;
        }
        $this->end($event->eventId, $outcome->state, $outcome->why, $outcome->detail);
    }

    private function end(string $eventId, string $state, string $why, string $detail): void
    {
        $this->storage->change($eventId, self::ended($state, $why, $detail, ($this->clock)()));
    }

    /** @return array<string, string|int> */
    private static function ended(string $state, string $why, string $detail, int $now): array
    {
        return ['STATE' => $state, 'WHY' => $why, 'DETAIL' => mb_substr($detail, 0, 250), 'DONE_AT' => $now];
    }

    /** @param array<string, mixed> $row */
    private function failed(array $row, int $failures, \Throwable $error): void
    {
        $now = ($this->clock)();
        $next = Retry::next($failures, $now);
        $this->storage->change((string)$row['EVENT_ID'], [
            'STATE' => $next === null ? EventTable::DEAD : EventTable::NEW,
            'WHY' => 'failed',
            'DETAIL' => mb_substr($error->getMessage(), 0, 250),
            'NEXT_AT' => $next ?? 0,
            'DONE_AT' => $next === null ? $now : 0,
        ]);
        if ($next === null) {
            Journal::dead((string)$row['SITE_NUMBER'], $error);
        }
    }
}

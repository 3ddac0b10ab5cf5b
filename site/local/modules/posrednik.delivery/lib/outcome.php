<?php

declare(strict_types=1);

namespace Posrednik\Delivery;

/** What became of a try to apply an event. state: EventTable::DONE or SKIPPED; why: a code, '' = as it should be. */
final class Outcome
{
    private function __construct(
        public readonly string $state,
        public readonly string $why,
        public readonly string $detail,
        public readonly bool $isOpen = false,
    ) {
    }

    public function isDone(): bool
    {
        return $this->state === EventTable::DONE;
    }

    public static function done(string $why = '', string $detail = ''): self
    {
        return new self(EventTable::DONE, $why, $detail);
    }

    /** Done, but somebody has the order open in the admin pages and may write the old values back. */
    public static function open(string $why, string $detail): self
    {
        return new self(EventTable::DONE, $why, $detail, true);
    }

    /** For a reason that does not pass by itself; nothing was changed and nothing will be tried again. */
    public static function skipped(string $why, string $detail = ''): self
    {
        return new self(EventTable::SKIPPED, $why, $detail);
    }
}

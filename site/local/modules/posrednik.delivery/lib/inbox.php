<?php

declare(strict_types=1);

namespace Posrednik\Delivery;

/** Takes each event once: known by its id, whatever the order and number of the tries. */
final class Inbox
{
    // What a column of texts holds in MySQL.
    private const MOST_KEPT_BYTES = 65535;

    public const ACCEPTED = 'accepted';
    public const DUPLICATE = 'duplicate';

    public function __construct(private readonly Storage $storage)
    {
    }

    /**
     * Writes an event down, or tells that it was written before.
     *
     * @return string ACCEPTED or DUPLICATE
     * @throws Refusal 409 when the id was used with another body, 413 when it cannot be kept whole
     * @throws \Throwable when the database does not take it; nothing is accepted then
     */
    public function take(string $messageId, Envelope $event, string $body, int $now): string
    {
        $hash = hash('sha256', $body);
        $kept = Envelope::kept($body, self::MOST_KEPT_BYTES);
        if (strlen($kept) > self::MOST_KEPT_BYTES) {
            throw new Refusal(413, 'too_large');
        }
        $known = $this->storage->add([
            'EVENT_ID' => $event->eventId,
            'MESSAGE_ID' => (string)preg_replace('/[^\x21-\x7e]/', '?', substr($messageId, 0, 255)),
            'BODY_HASH' => $hash,
            'TYPE' => $event->type,
            'DELIVERY_ID' => (string)$event->deliveryId,
            'VERSION' => $event->version,
            'STAGE' => $event->stage,
            'SITE_NUMBER' => $event->siteNumber,
            'BODY' => $kept,
            'STATE' => EventTable::NEW,
            'WHY' => '',
            'DETAIL' => '',
            'ATTEMPT' => 0,
            'NEXT_AT' => $now,
            'RECEIVED_AT' => $now,
            'DONE_AT' => 0,
        ]);
        if ($known === null) {
            return self::ACCEPTED;
        }
        if (!hash_equals((string)$known['BODY_HASH'], $hash)) {
            throw new Refusal(409, 'other_body');
        }
        return self::DUPLICATE;
    }

    /** Keeps for the administrator that a request was refused: one row a reason, written once a minute at most. */
    public function refused(Refusal $refusal, int $now): void
    {
        $this->storage->refused($refusal->reason, $refusal->detail, $now);
    }
}

<?php

declare(strict_types=1);

namespace Posrednik\Delivery;

/** What an event changes in an order of the shop, by the settings. Pure; whether it may is decided by the Guard. */
final class Mapping
{
    public const STAGES = [
        'ready', 'picked_up', 'en_route', 'handed_over', 'not_delivered', 'returned', 'cancelled', 'withdrawn',
        'settled',
    ];
    public const FIELDS = ['stage', 'courier', 'amount_due', 'amount_taken', 'reason', 'next_date', 'moment'];
    public const REASONS = [
        'not_home', 'refused', 'wrong_address', 'rescheduled', 'damaged', 'no_money', 'other',
    ];
    private const TEXT_LENGTH = 500;
    public const TRACKING = ['', 'number', 'delivery'];

    /**
     * @param array<string, string> $shipmentStatuses stage => status of the shipment
     * @param array<string, string> $orderStatuses stage => status of the order
     * @param array<string, string> $properties one of FIELDS => code of the order's property
     * @param string $tracking one of TRACKING: nothing, the number of the order in 1C, the id of the delivery
     * @param array<string, string> $titles stage => its name for the buyer
     * @param array<string, string> $reasons code of a reason => the same in words; others are words already
     */
    public function __construct(
        private readonly array $shipmentStatuses,
        private readonly array $orderStatuses,
        private readonly array $properties,
        private readonly string $tracking,
        private readonly array $titles,
        private readonly array $reasons = [],
    ) {
    }

    /** @return list<Change> */
    public function changes(Envelope $event): array
    {
        $changes = [
            new Change(Change::SHIPMENT, 'STATUS_ID', $this->shipmentStatuses[$event->stage] ?? ''),
            new Change(Change::SHIPMENT, 'TRACKING_NUMBER', $this->trackingNumber($event)),
            new Change(Change::ORDER, 'STATUS_ID', $this->orderStatuses[$event->stage] ?? ''),
        ];
        // An empty status or number means that nothing is to be done; an empty property means that the old value is
        // not true any more (the reason of yesterday's failure).
        $changes = array_values(array_filter($changes, static fn (Change $one): bool => $one->value !== ''));
        foreach (self::FIELDS as $field) {
            if (($this->properties[$field] ?? '') !== '') {
                $value = self::plain($this->value($field, $event));
                $changes[] = new Change(Change::PROPERTY, $this->properties[$field], $value);
            }
        }
        return $changes;
    }

    /** The shop reads values of properties by unserialize(): "i:5; late" would come back as the number 5. */
    private static function plain(string $text): string
    {
        return mb_substr((string)preg_replace('/\A([A-Za-z])(?=[:;])/', '$1 ', $text), 0, self::TEXT_LENGTH, 'UTF-8');
    }

    private function trackingNumber(Envelope $event): string
    {
        return match ($this->tracking) {
            'number' => $event->number,
            'delivery' => (string)$event->deliveryId,
            default => '',
        };
    }

    private function value(string $field, Envelope $event): string
    {
        return match ($field) {
            'stage' => $this->titles[$event->stage] ?? $event->stage,
            'courier' => $event->courier,
            'amount_due' => $event->amountDue,
            'amount_taken' => $event->amountTaken,
            'reason' => $this->reasons[$event->reason] ?? $event->reason,
            'next_date' => $event->nextDate,
            'moment' => date('d.m.Y H:i', $event->momentS),
        };
    }
}

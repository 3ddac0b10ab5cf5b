<?php

declare(strict_types=1);

namespace Posrednik\Delivery;

/**
 * The list of what this module may change in an order; everything that is not on it is refused.
 *
 * The standard exchange with 1C refuses orders in the final status, shipments that are deducted, and takes payment,
 * cancelling and permission of delivery for its own. So none of these is on the list, whatever the settings say.
 */
final class Guard
{
    // The site's own statuses: beginning and end of orders (N, F) and of shipments (DN, DF).
    private const BUILT_IN = ['N', 'F', 'DN', 'DF'];
    private const PERSONAL = [
        'IS_EMAIL', 'IS_PHONE', 'IS_PAYER', 'IS_PROFILE_NAME', 'IS_ADDRESS', 'IS_ADDRESS_FROM', 'IS_ADDRESS_TO',
        'IS_LOCATION', 'IS_LOCATION4TAX', 'IS_ZIP',
    ];
    private const TEXT_LENGTH = 500;

    /**
     * @param list<string> $shipmentStatuses statuses of shipments that exist and were chosen in the settings
     * @param list<string> $orderStatuses the same of orders; empty unless a person allowed the change of the order
     * @param list<string> $properties codes of order properties that were chosen in the settings
     * @param list<string> $finals statuses that the site itself calls final
     */
    public function __construct(
        private readonly array $shipmentStatuses,
        private readonly array $orderStatuses,
        private readonly array $properties,
        private readonly array $finals = [],
    ) {
    }

    /** Why the change must not be made; null = it may. */
    public function why(Change $change): ?string
    {
        return match (true) {
            $change->target === Change::SHIPMENT && $change->name === 'STATUS_ID'
                => $this->whyStatus($change->value, $this->shipmentStatuses),
            $change->target === Change::SHIPMENT && $change->name === 'TRACKING_NUMBER'
                => $this->whyText($change->value, 100),
            $change->target === Change::ORDER && $change->name === 'STATUS_ID'
                => $this->whyStatus($change->value, $this->orderStatuses),
            $change->target === Change::PROPERTY => in_array($change->name, $this->properties, true)
                ? $this->whyText($change->value, self::TEXT_LENGTH)
                : 'property_not_chosen',
            default => 'field_not_allowed',
        };
    }

    /**
     * Why a property of the order must not be written, by its own settings; null = it may.
     *
     * @param array<string, mixed> $property as the site describes it
     * @param string $value a longer one than it allows would mark the order as having a problem
     */
    public static function whyProperty(array $property, string $value = ''): ?string
    {
        foreach (self::PERSONAL as $flag) {
            if (($property[$flag] ?? 'N') === 'Y') {
                return 'property_personal';
            }
        }
        $isText = in_array($property['TYPE'] ?? '', ['STRING', 'TEXT', 'TEXTAREA'], true);
        if (!$isText || ($property['MULTIPLE'] ?? 'N') === 'Y') {
            return 'property_not_text';
        }
        $most = (int)($property['MAXLENGTH'] ?? 0);
        return $most > 0 && mb_strlen($value, 'UTF-8') > $most ? 'value_too_long' : null;
    }

    /** Whether a status may be chosen in the settings at all. */
    public static function isOwn(string $status): bool
    {
        return preg_match('/\A[A-Za-z]{1,2}\z/', $status) === 1 && !in_array(strtoupper($status), self::BUILT_IN, true);
    }

    /** @param list<string> $allowed */
    private function whyStatus(string $status, array $allowed): ?string
    {
        if (!self::isOwn($status) || in_array($status, $this->finals, true)) {
            return 'status_final';
        }
        return in_array($status, $allowed, true) ? null : 'status_not_chosen';
    }

    private function whyText(string $value, int $length): ?string
    {
        $isPlain = mb_check_encoding($value, 'UTF-8') && preg_match('/[\p{Cc}<>]/u', $value) !== 1;
        return $isPlain && mb_strlen($value, 'UTF-8') <= $length ? null : 'value_not_plain';
    }
}

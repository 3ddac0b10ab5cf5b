<?php

declare(strict_types=1);

namespace Posrednik\Delivery;

/**
 * One event as Posrednik tells it to subscribers, read with limits. Unknown fields are left alone: additions are free.
 *
 * deliveryId is null for an event that is about no delivery (a test of the subscription).
 */
final class Envelope
{
    public const TEST = 'subscription.test';
    private const MOST_DEPTH = 16;
    private const UUID = '/\A[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\z/i';
    private const MONEY = '/\A\d{1,12}(\.\d{1,2})?\z/';
    private const TEXT_LENGTH = 500;
    private const FOUR_BYTES = '/[\x{10000}-\x{10FFFF}]/u';

    private function __construct(
        public readonly string $type,
        public readonly int $momentS,
        public readonly string $eventId,
        public readonly ?string $deliveryId,
        public readonly int $version,
        public readonly string $stage,
        public readonly string $siteNumber,
        public readonly string $number,
        public readonly string $courier,
        public readonly string $amountDue,
        public readonly string $amountTaken,
        public readonly string $reason,
        public readonly string $nextDate,
    ) {
    }

    /** @throws Refusal 400, with the place in the body that cannot be read */
    public static function parse(string $body): self
    {
        $whole = json_decode($body, true, self::MOST_DEPTH, JSON_BIGINT_AS_STRING);
        if (!is_array($whole) || array_is_list($whole)) {
            throw new Refusal(400, 'bad_json', json_last_error_msg());
        }
        $data = self::part($whole, 'data', '');
        $about = array_key_exists('delivery', $data) ? self::part($data, 'delivery', 'data.') : [];
        $order = $about === [] ? [] : self::part($about, 'order', 'data.delivery.');
        return new self(
            type: self::matching($whole, 'type', '/\A[a-z0-9_]+(\.[a-z0-9_]+){1,5}\z/', 64),
            momentS: self::moment($whole),
            eventId: strtolower(self::matching($data, 'event_id', self::UUID, 36)),
            deliveryId: $about === [] ? null : strtolower(self::matching($about, 'id', self::UUID, 36)),
            version: $about === [] ? 0 : self::version($about),
            stage: $about === [] ? '' : self::matching($about, 'stage', '/\A[a-z_]{1,32}\z/', 32),
            siteNumber: self::text($order, 'site_number', 100),
            number: self::text($order, 'number', 100),
            courier: self::courier($about),
            amountDue: self::money($about, 'amount_due'),
            amountTaken: self::money($about, 'amount_taken'),
            reason: self::text($about, 'reason', self::TEXT_LENGTH),
            nextDate: self::text($about, 'next_date', 32),
        );
    }

    /**
     * The same JSON so that any database keeps all of it: signs of four bytes escaped, and if it is longer than so many
     * bytes, without the lines that the buyer refused, of which a shop makes nothing here.
     *
     * @param string $body readable JSON
     */
    public static function kept(string $body, int $most): string
    {
        $kept = self::narrow($body);
        if (strlen($kept) <= $most) {
            return $kept;
        }
        $whole = json_decode($body, true, self::MOST_DEPTH, JSON_BIGINT_AS_STRING | JSON_THROW_ON_ERROR);
        unset($whole['data']['delivery']['refused']);
        return self::narrow(json_encode($whole, JSON_UNESCAPED_UNICODE | JSON_THROW_ON_ERROR));
    }

    private static function narrow(string $json): string
    {
        $escape = static fn (array $found): string => trim(json_encode($found[0], JSON_THROW_ON_ERROR), '"');
        return (string)preg_replace_callback(self::FOUR_BYTES, $escape, $json);
    }

    /**
     * @param array<mixed> $from
     * @return array<mixed>
     */
    private static function part(array $from, string $name, string $where): array
    {
        $found = $from[$name] ?? null;
        if (!is_array($found) || $found === [] || array_is_list($found)) {
            throw new Refusal(400, 'bad_field', $where . $name);
        }
        return $found;
    }

    /** @param array<mixed> $from */
    private static function matching(array $from, string $name, string $pattern, int $length): string
    {
        $found = $from[$name] ?? null;
        if (!is_string($found) || strlen($found) > $length || preg_match($pattern, $found) !== 1) {
            throw new Refusal(400, 'bad_field', $name);
        }
        return $found;
    }

    /** @param array<mixed> $whole */
    private static function moment(array $whole): int
    {
        $text = self::matching($whole, 'timestamp', '/\A\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/', 40);
        try {
            return (new \DateTimeImmutable($text))->getTimestamp();
        } catch (\Exception) {
            throw new Refusal(400, 'bad_field', 'timestamp');
        }
    }

    /** @param array<mixed> $about */
    private static function version(array $about): int
    {
        $version = $about['version'] ?? null;
        if (!is_int($version) || $version < 1 || $version > 2147483647) {
            throw new Refusal(400, 'bad_field', 'version');
        }
        return $version;
    }

    /**
     * Of a courier only the name is of use to a shop.
     *
     * @param array<mixed> $about
     */
    private static function courier(array $about): string
    {
        $courier = $about['courier'] ?? null;
        return self::text(is_array($courier) ? $courier : ['name' => $courier], 'name', 200);
    }

    /** @param array<mixed> $from */
    private static function money(array $from, string $name): string
    {
        $found = $from[$name] ?? '';
        if ($found === '' || (is_string($found) && preg_match(self::MONEY, $found) === 1)) {
            return $found;
        }
        throw new Refusal(400, 'bad_field', $name);
    }

    /**
     * Absent is an empty text; control characters become spaces, signs of markup harmless ones, the rest is cut. Signs
     * of four bytes are replaced: a site that began long ago keeps texts in three-byte utf8, where such a sign ends the
     * text without a word.
     *
     * @param array<mixed> $from
     */
    private static function text(array $from, string $name, int $length): string
    {
        $found = $from[$name] ?? '';
        if (is_int($found)) {
            $found = (string)$found;
        }
        if (!is_string($found)) {
            throw new Refusal(400, 'bad_field', $name);
        }
        $plain = (string)preg_replace(['/[\p{Cc}\p{Cf}]+/u', self::FOUR_BYTES], [' ', "\u{FFFD}"], $found);
        return mb_substr(trim(strtr($plain, ['<' => '‹', '>' => '›'])), 0, $length, 'UTF-8');
    }
}

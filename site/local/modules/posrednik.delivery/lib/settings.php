<?php

declare(strict_types=1);

namespace Posrednik\Delivery;

use Bitrix\Main\Config\Configuration;
use Bitrix\Main\Config\Option;

/** The module's options, read once. Secrets may also stand in the site's own .settings.php; those count then. */
final class Settings
{
    public const MODULE = 'posrednik.delivery';
    /** How long the old secret is accepted beside a new one. Posrednik signs with both for 24 hours. */
    public const OVERLAP_S = 172800;
    public const ORDER_KEYS = ['ACCOUNT_NUMBER', 'ID'];

    /**
     * @param list<string> $configured secrets of the site's .settings.php
     * @param array<string, string> $shipmentStatuses stage => status
     * @param array<string, string> $orderStatuses stage => status
     * @param array<string, string> $properties field => code of an order property
     */
    public function __construct(
        public readonly bool $isActive = true,
        public readonly string $secret = '',
        public readonly string $oldSecret = '',
        public readonly int $oldSecretUntil = 0,
        public readonly array $configured = [],
        public readonly string $orderKey = 'ACCOUNT_NUMBER',
        public readonly array $shipmentStatuses = [],
        public readonly bool $mayChangeOrder = false,
        public readonly array $orderStatuses = [],
        public readonly array $properties = [],
        public readonly string $tracking = '',
        public readonly bool $sendsMail = true,
        public readonly bool $isBackground = true,
        public readonly int $keepDays = 60,
    ) {
    }

    public static function load(): self
    {
        $orderKey = self::text('order_key');
        $tracking = self::text('tracking');
        return new self(
            isActive: self::text('active') === 'Y',
            secret: self::text('secret'),
            oldSecret: self::text('secret_old'),
            oldSecretUntil: (int)self::text('secret_old_until'),
            configured: self::configured(),
            orderKey: in_array($orderKey, self::ORDER_KEYS, true) ? $orderKey : self::ORDER_KEYS[0],
            shipmentStatuses: self::map('shipment_statuses'),
            mayChangeOrder: self::text('may_change_order') === 'Y',
            orderStatuses: self::map('order_statuses'),
            properties: self::map('properties'),
            tracking: in_array($tracking, Mapping::TRACKING, true) ? $tracking : '',
            sendsMail: self::text('mail') === 'Y',
            isBackground: self::text('background') === 'Y',
            keepDays: min(max((int)self::text('keep_days'), 7), 3650),
        );
    }

    /** @return list<string> the secrets that are good now, newest first */
    public function secrets(int $now): array
    {
        if ($this->configured !== []) {
            return $this->configured;
        }
        $old = $now < $this->oldSecretUntil ? $this->oldSecret : '';
        return array_values(array_filter([$this->secret, $old], static fn (string $one): bool => $one !== ''));
    }

    /** The first signs of a hash: enough to compare two places, of no use for signing. '' = it cannot be read. */
    public static function fingerprint(#[\SensitiveParameter] string $secret): string
    {
        try {
            return substr(hash('sha256', Signature::key($secret)), 0, 8);
        } catch (\InvalidArgumentException) {
            return '';
        }
    }

    private static function text(string $name): string
    {
        $defaults = Option::getDefaults(self::MODULE);
        return (string)Option::get(self::MODULE, $name, (string)($defaults[$name] ?? ''));
    }

    /** @return array<string, string> */
    private static function map(string $name): array
    {
        $read = json_decode(self::text($name), true);
        return is_array($read) ? array_map('strval', array_filter($read, 'is_scalar')) : [];
    }

    /** @return list<string> */
    private static function configured(): array
    {
        $section = Configuration::getValue(self::MODULE);
        $secrets = is_array($section) ? (array)($section['secrets'] ?? []) : [];
        return array_values(array_filter($secrets, static fn ($one): bool => is_string($one) && $one !== ''));
    }
}

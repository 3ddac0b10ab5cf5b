<?php

declare(strict_types=1);

namespace Posrednik\Delivery\Admin;

use Bitrix\Main\Config\Option;
use Posrednik\Delivery\Mapping;
use Posrednik\Delivery\Settings;
use Posrednik\Delivery\Shop;
use Posrednik\Delivery\Signature;

/** Takes what was sent from the settings page. Only what the page offers is kept; the rest is left out. */
final class OptionsForm
{
    private const SWITCHES = ['active', 'may_change_order', 'mail', 'background'];

    /**
     * @param array<mixed> $sent
     * @return list<string> codes of what is wrong (texts: ERROR_…); what is right is kept all the same
     */
    public static function save(array $sent, string $language, int $now): array
    {
        foreach (self::SWITCHES as $name) {
            self::keep($name, ($sent[$name] ?? '') === 'Y' ? 'Y' : 'N');
        }
        self::keep('order_key', self::one($sent, 'order_key', Settings::ORDER_KEYS));
        self::keep('tracking', self::one($sent, 'tracking', Mapping::TRACKING));
        self::keep('keep_days', (string)min(max((int)self::text($sent, 'keep_days'), 7), 3650));
        self::keepMap($sent, 'shipment_statuses', Mapping::STAGES, Shop::shipmentStatuses($language));
        self::keepMap($sent, 'order_statuses', Mapping::STAGES, Shop::orderStatuses($language));
        self::keepMap($sent, 'properties', Mapping::FIELDS, Shop::properties());
        if (self::text($sent, 'secret_forget') === 'Y') {
            self::forgetOld();
        }
        return self::rotate(self::text($sent, 'secret_new'), $now);
    }

    /**
     * A new secret; the one that was good until now stays good for a while.
     *
     * @return list<string>
     */
    private static function rotate(#[\SensitiveParameter] string $secret, int $now): array
    {
        $settings = Settings::load();
        if ($secret === '' || $secret === $settings->secret) {
            return [];
        }
        try {
            Signature::key($secret);
        } catch (\InvalidArgumentException) {
            return ['bad_secret'];
        }
        if ($settings->secret !== '') {
            self::keep('secret_old', $settings->secret);
            self::keep('secret_old_until', (string)($now + Settings::OVERLAP_S));
        }
        self::keep('secret', $secret);
        return [];
    }

    private static function forgetOld(): void
    {
        self::keep('secret_old', '');
        self::keep('secret_old_until', '0');
    }

    /**
     * @param array<mixed> $sent
     * @param list<string> $keys
     * @param array<string, string> $offered
     */
    private static function keepMap(array $sent, string $name, array $keys, array $offered): void
    {
        $given = is_array($sent[$name] ?? null) ? $sent[$name] : [];
        $map = [];
        foreach ($keys as $key) {
            $value = self::text($given, $key);
            if ($value !== '' && array_key_exists($value, $offered)) {
                $map[$key] = $value;
            }
        }
        self::keep($name, json_encode((object)$map, JSON_UNESCAPED_UNICODE | JSON_THROW_ON_ERROR));
    }

    /**
     * @param array<mixed> $sent
     * @param list<string> $offered
     */
    private static function one(array $sent, string $name, array $offered): string
    {
        $value = self::text($sent, $name);
        return in_array($value, $offered, true) ? $value : $offered[0];
    }

    /** @param array<mixed> $sent */
    private static function text(array $sent, string $name): string
    {
        return is_string($sent[$name] ?? null) ? trim($sent[$name]) : '';
    }

    private static function keep(string $name, string $value): void
    {
        Option::set(Settings::MODULE, $name, $value);
    }
}

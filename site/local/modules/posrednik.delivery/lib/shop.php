<?php

declare(strict_types=1);

namespace Posrednik\Delivery;

use Bitrix\Sale\DeliveryStatus;
use Bitrix\Sale\Internals\OrderPropsTable;
use Bitrix\Sale\OrderStatus;

/** What the shop has: statuses and properties from which the settings choose, and the parts made of both. */
final class Shop
{
    /** @return array<string, string> status of shipments => its name; only those that may be chosen */
    public static function shipmentStatuses(string $language): array
    {
        return self::own(DeliveryStatus::getAllStatusesNames($language), DeliveryStatus::getFinalStatus());
    }

    /** @return array<string, string> the same of orders */
    public static function orderStatuses(string $language): array
    {
        return self::own(OrderStatus::getAllStatusesNames($language), OrderStatus::getFinalStatus());
    }

    /** @return array<string, string> code => name of the order properties that may be chosen */
    public static function properties(): array
    {
        $found = [];
        foreach (OrderPropsTable::getList(['order' => ['SORT' => 'ASC', 'ID' => 'ASC']])->fetchAll() as $property) {
            if ((string)$property['CODE'] !== '' && Guard::whyProperty($property) === null) {
                $found[(string)$property['CODE']] ??= (string)$property['NAME'];
            }
        }
        return $found;
    }

    public static function guard(Settings $settings): Guard
    {
        $language = self::language();
        $orders = $settings->mayChangeOrder ? $settings->orderStatuses : [];
        return new Guard(
            self::chosen($settings->shipmentStatuses, self::shipmentStatuses($language)),
            self::chosen($orders, self::orderStatuses($language)),
            array_values(array_filter($settings->properties, static fn (string $code): bool => $code !== '')),
            [OrderStatus::getFinalStatus(), DeliveryStatus::getFinalStatus()]
        );
    }

    /** Order statuses are mapped only where a person allowed it. */
    public static function mapping(Settings $settings): Mapping
    {
        return new Mapping(
            $settings->shipmentStatuses,
            $settings->mayChangeOrder ? $settings->orderStatuses : [],
            $settings->properties,
            $settings->tracking,
            Texts::stages(),
            Texts::reasons()
        );
    }

    private static function language(): string
    {
        return defined('LANGUAGE_ID') ? LANGUAGE_ID : 'ru';
    }

    /**
     * @param array<string, string> $names
     * @return array<string, string>
     */
    private static function own(array $names, string $final): array
    {
        $isOwn = static fn ($id): bool => Guard::isOwn((string)$id) && (string)$id !== $final;
        return array_filter($names, $isOwn, ARRAY_FILTER_USE_KEY);
    }

    /**
     * @param array<string, string> $wanted
     * @param array<string, string> $there
     * @return list<string>
     */
    private static function chosen(array $wanted, array $there): array
    {
        return array_values(array_intersect($wanted, array_map('strval', array_keys($there))));
    }
}

<?php

declare(strict_types=1);

namespace Posrednik\Delivery;

use Bitrix\Main\SiteTable;
use Bitrix\Sale\DeliveryStatus;
use Bitrix\Sale\Internals\OrderPropsTable;
use Bitrix\Sale\Internals\StatusLangTable;
use Bitrix\Sale\Internals\StatusTable;
use Bitrix\Sale\OrderStatus;

/** What the shop has: statuses and properties from which the settings choose, and the parts made of both. */
final class Shop
{
    /** @return array<string, string> status of shipments => its name; only those that may be chosen */
    public static function shipmentStatuses(string $language): array
    {
        return self::own('D', DeliveryStatus::getFinalStatus(), $language);
    }

    /** @return array<string, string> the same of orders */
    public static function orderStatuses(string $language): array
    {
        return self::own('O', OrderStatus::getFinalStatus(), $language);
    }

    /** @return array<string, string> code => name of the order properties that may be chosen */
    public static function properties(): array
    {
        $found = [];
        foreach (OrderPropsTable::getList(['order' => ['SORT' => 'ASC', 'ID' => 'ASC']])->fetchAll() as $property) {
            // Since main 21 the table holds properties of shipments too.
            $isOfOrders = ($property['ENTITY_TYPE'] ?? 'ORDER') === 'ORDER' && ($property['ACTIVE'] ?? 'Y') !== 'N';
            if ($isOfOrders && (string)$property['CODE'] !== '' && Guard::whyProperty($property) === null) {
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
        $language = self::language();
        return new Mapping(
            $settings->shipmentStatuses,
            $settings->mayChangeOrder ? $settings->orderStatuses : [],
            $settings->properties,
            $settings->tracking,
            Texts::stages($language),
            Texts::reasons($language)
        );
    }

    /** Of the main site: requests and agents may have the language of any, and a buyer is to read one of them. */
    private static function language(): string
    {
        $query = ['select' => ['LANGUAGE_ID'], 'filter' => ['=DEF' => 'Y', '=ACTIVE' => 'Y'], 'limit' => 1];
        return (string)(SiteTable::getList($query)->fetch()['LANGUAGE_ID'] ?? 'ru');
    }

    /**
     * Asked of the tables: the kernel's own lists of names share one memory for both kinds since PHP 8.1.
     *
     * @param string $type O: of orders, D: of shipments
     * @return array<string, string>
     */
    private static function own(string $type, string $final, string $language): array
    {
        $texts = StatusLangTable::getList(['select' => ['STATUS_ID', 'NAME'], 'filter' => ['=LID' => $language]]);
        $names = array_column($texts->fetchAll(), 'NAME', 'STATUS_ID');
        $found = [];
        $query = ['select' => ['ID'], 'filter' => ['=TYPE' => $type], 'order' => ['SORT' => 'ASC']];
        foreach (StatusTable::getList($query)->fetchAll() as $status) {
            $id = (string)$status['ID'];
            if (Guard::isOwn($id) && $id !== $final) {
                $found[$id] = (string)($names[$id] ?? $id);
            }
        }
        return $found;
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

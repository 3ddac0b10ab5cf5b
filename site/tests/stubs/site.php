<?php

// A site of the tests: its tables, orders in it, and the standard exchange with 1C beside the module.

declare(strict_types=1);

use Bitrix\Main\Application;
use Bitrix\Main\Config\Option;
use Bitrix\Main\ModuleManager;

final class Site
{
    // What the module may change, by table; DATE_UPDATE and VERSION count every save.
    public const ALLOWED = [
        'b_sale_order' => ['TRACKING_NUMBER', 'DATE_UPDATE', 'VERSION'],
        'b_sale_order_delivery' => ['STATUS_ID', 'TRACKING_NUMBER'],
        'b_sale_order_payment' => [],
        'b_sale_order_props_value' => ['VALUE'],
    ];
    private const TABLES = [
        "b_sale_order (ID INTEGER PRIMARY KEY, ACCOUNT_NUMBER, STATUS_ID DEFAULT 'P', CANCELED DEFAULT 'N',
            PAYED DEFAULT 'N', ALLOW_DELIVERY DEFAULT 'N', DEDUCTED DEFAULT 'N', PRICE DEFAULT '2450.00', DATE_STATUS,
            EMP_STATUS_ID, TRACKING_NUMBER DEFAULT '', UPDATED_1C DEFAULT 'Y', EXTERNAL_ORDER DEFAULT 'N', DATE_UPDATE,
            VERSION INTEGER DEFAULT 0, MARKED DEFAULT 'N', REASON_MARKED, USER_DESCRIPTION DEFAULT '', ID_1C DEFAULT '', LOCKED_BY,
            DATE_LOCK)",
        "b_sale_order_delivery (ID INTEGER PRIMARY KEY, ORDER_ID, STATUS_ID DEFAULT 'DN', SYSTEM DEFAULT 'N',
            ALLOW_DELIVERY DEFAULT 'N', DEDUCTED DEFAULT 'N', TRACKING_NUMBER DEFAULT '', PRICE_DELIVERY DEFAULT '300',
            ID_1C DEFAULT '')",
        "b_sale_order_payment (ID INTEGER PRIMARY KEY, ORDER_ID, PAID DEFAULT 'N', SUM DEFAULT '2450.00')",
        "b_sale_order_props (ID INTEGER PRIMARY KEY, SORT DEFAULT 100, CODE, NAME, TYPE DEFAULT 'STRING',
            MULTIPLE DEFAULT 'N', IS_EMAIL DEFAULT 'N', IS_PHONE DEFAULT 'N', IS_PAYER DEFAULT 'N',
            IS_ADDRESS DEFAULT 'N', IS_LOCATION DEFAULT 'N', ACTIVE DEFAULT 'Y', MAXLENGTH, ENTITY_TYPE DEFAULT 'ORDER')",
        "b_sale_order_props_value (ID INTEGER PRIMARY KEY, ORDER_ID, CODE, VALUE DEFAULT '')",
        "b_sale_status (ID PRIMARY KEY, TYPE, SORT DEFAULT 100, NOTIFY DEFAULT 'N')",
        'b_sale_status_lang (STATUS_ID, LID, NAME)',
        'b_mail (TEXT)',
        "b_lang (LID PRIMARY KEY, DEF, ACTIVE DEFAULT 'Y', LANGUAGE_ID)",
    ];
    private const STATUSES = [
        ['N', 'O'], ['P', 'O'], ['F', 'O'], ['K', 'O'], ['DN', 'D'], ['DF', 'D'], ['DA', 'D'], ['DB', 'D'],
        ['DC', 'D'], ['DD', 'D'], ['DE', 'D'],
    ];
    private const PROPERTIES = [
        ['PHONE', ['IS_PHONE' => 'Y']], ['EMAIL', ['IS_EMAIL' => 'Y']], ['ADDRESS', ['IS_ADDRESS' => 'Y']],
        ['STATE', []], ['COURIER', []], ['DUE', []], ['REASON', []], ['FLAG', ['TYPE' => 'Y/N']],
        ['MANY', ['MULTIPLE' => 'Y']], ['PLACE', ['IS_LOCATION' => 'Y', 'TYPE' => 'LOCATION']],
        ['ASIDE', ['ENTITY_TYPE' => 'SHIPMENT']], ['RETIRED', ['ACTIVE' => 'N']],
    ];

    public static function build(): void
    {
        foreach (self::TABLES as $table) {
            self::rows('CREATE TABLE ' . $table);
        }
        self::add('b_lang', ['LID' => 's2', 'DEF' => 'N', 'LANGUAGE_ID' => 'en']);
        self::add('b_lang', ['LID' => 's1', 'DEF' => 'Y', 'LANGUAGE_ID' => 'ru']);
        foreach (self::STATUSES as [$id, $type]) {
            self::add('b_sale_status', ['ID' => $id, 'TYPE' => $type]);
            self::add('b_sale_status_lang', ['STATUS_ID' => $id, 'LID' => 'ru', 'NAME' => "Статус $id <b>"]);
            self::add('b_sale_status_lang', ['STATUS_ID' => $id, 'LID' => 'en', 'NAME' => "Status $id"]);
        }
        foreach (self::PROPERTIES as [$code, $more]) {
            self::add('b_sale_order_props', ['CODE' => $code, 'NAME' => "Свойство $code"] + $more);
        }
    }

    /** Registers the module and makes its tables, as its installer does. */
    public static function install(): void
    {
        require_once POSREDNIK_MODULE . '/install/index.php';
        ModuleManager::registerModule('posrednik.delivery');
        (new posrednik_delivery())->InstallDB();
    }

    /** Options of the module; arrays become JSON. */
    public static function set(array $options): void
    {
        foreach ($options as $name => $value) {
            $text = is_array($value) ? json_encode((object)$value, JSON_UNESCAPED_UNICODE) : (string)$value;
            Option::set('posrednik.delivery', $name, $text);
        }
    }

    /** An order with the system shipment, one real one, a payment and a value of each property. Returns its ID. */
    public static function order(string $number, array $fields = [], int $shipments = 1): int
    {
        $id = self::add('b_sale_order', ['ACCOUNT_NUMBER' => $number] + $fields);
        self::add('b_sale_order_delivery', ['ORDER_ID' => $id, 'SYSTEM' => 'Y']);
        for ($count = 0; $count < $shipments; $count++) {
            self::add('b_sale_order_delivery', ['ORDER_ID' => $id]);
        }
        self::add('b_sale_order_payment', ['ORDER_ID' => $id]);
        foreach (array_diff(array_column(self::PROPERTIES, 0), ['ASIDE', 'RETIRED']) as $code) {
            self::add('b_sale_order_props_value', ['ORDER_ID' => $id, 'CODE' => $code, 'VALUE' => "было $code"]);
        }
        return $id;
    }

    public static function add(string $table, array $fields): int
    {
        $names = implode(', ', array_keys($fields));
        $marks = implode(', ', array_fill(0, count($fields), '?'));
        self::rows("INSERT INTO $table ($names) VALUES ($marks)", array_values($fields));
        return (int)self::rows('SELECT last_insert_rowid() AS ID')[0]['ID'];
    }

    public static function rows(string $sql, array $values = []): array
    {
        return Application::getConnection()->rows($sql, $values);
    }

    /** The order with its parts, for looking at. */
    public static function seen(string $number): array
    {
        $order = self::rows('SELECT * FROM b_sale_order WHERE ACCOUNT_NUMBER = ?', [$number])[0];
        $properties = self::rows('SELECT * FROM b_sale_order_props_value WHERE ORDER_ID = ?', [$order['ID']]);
        return $order + [
            'shipments' => self::rows('SELECT * FROM b_sale_order_delivery WHERE ORDER_ID = ?', [$order['ID']]),
            'properties' => array_column($properties, 'VALUE', 'CODE'),
        ];
    }

    /** Everything in the shop. */
    public static function whole(): array
    {
        $whole = [];
        foreach (array_keys(self::ALLOWED) as $table) {
            $whole[$table] = self::rows("SELECT * FROM $table ORDER BY ID");
        }
        return $whole;
    }

    /** The same without what the module may change; $more: columns of the order that it may change as well. */
    public static function foreign(array $more = [], array $properties = []): array
    {
        $whole = self::whole();
        foreach (self::ALLOWED as $table => $columns) {
            $columns = $table === 'b_sale_order' ? [...$columns, ...$more] : $columns;
            foreach ($whole[$table] as $place => $row) {
                $isOther = $table === 'b_sale_order_props_value' && !in_array($row['CODE'], $properties, true);
                $whole[$table][$place] = $isOther ? $row : array_diff_key($row, array_flip($columns));
            }
        }
        return $whole;
    }
}

/** The standard exchange with 1C (1c_exchange.php), as far as it chooses orders and takes documents back. */
final class StandardExchange
{
    /** Orders that 1C gets now; the site counts them as sent. @return list<string> numbers */
    public static function query(): array
    {
        $waiting = Site::rows("SELECT * FROM b_sale_order WHERE UPDATED_1C = 'N' AND EXTERNAL_ORDER = 'N' ORDER BY ID");
        Site::rows("UPDATE b_sale_order SET UPDATED_1C = 'Y' WHERE UPDATED_1C = 'N'");
        return array_column($waiting, 'ACCOUNT_NUMBER');
    }

    /** A document of 1C about an order; as 1C does it, it addresses the shipment by the site's id. */
    public static function import(string $number, array $order, array $shipment = []): string
    {
        $row = Site::rows('SELECT * FROM b_sale_order WHERE ACCOUNT_NUMBER = ?', [$number])[0] ?? null;
        if ($row === null || $row['STATUS_ID'] === 'F') {
            return 'failure';
        }
        foreach (['b_sale_order' => [$order, 'ID = ?'],
            'b_sale_order_delivery' => [$shipment, "ORDER_ID = ? AND SYSTEM = 'N' AND DEDUCTED = 'N'"]] as $table => $what) {
            [$fields, $where] = $what;
            if ($fields !== []) {
                $set = implode(', ', array_map(static fn ($name) => "$name = ?", array_keys($fields)));
                Site::rows("UPDATE $table SET $set WHERE $where", [...array_values($fields), $row['ID']]);
            }
        }
        // What 1C itself brought is not to be sent back to it.
        Site::rows("UPDATE b_sale_order SET UPDATED_1C = 'Y' WHERE ID = ?", [$row['ID']]);
        return 'success';
    }
}

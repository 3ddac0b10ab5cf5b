<?php

// The part of modules/sale that the module touches, with the ways of the real one that matter here: any setField() marks
// the order for 1C, save() tells of troubles with parts only by warnings, statuses and tracking numbers send mails.

declare(strict_types=1);

namespace Bitrix\Sale {

    use Bitrix\Main\Application;
    use Bitrix\Main\ArgumentNullException;
    use Bitrix\Main\ArgumentOutOfRangeException;
    use Bitrix\Main\Error;
    use Bitrix\Main\NotSupportedException;
    use Bitrix\Main\ORM\Data\DataManager;

    /** Warnings are known to results of the shop only. */
    class Result extends \Bitrix\Main\ORM\Data\Result
    {
        /** @var list<Error> */
        private array $warnings = [];

        public function addWarning(Error $error)
        {
            $this->warnings[] = $error;
            return $this;
        }

        public function getWarningMessages()
        {
            return array_map(static fn (Error $one) => $one->getMessage(), $this->warnings);
        }
    }

    /** How this kernel behaves, and what goes wrong in it. */
    final class Kernel
    {
        // old: what was set stays "changed". new: setting the loaded value again takes the mark "changed" off.
        // late: as new, but the version of the order is set before the changed fields are collected.
        public static string $kind = 'new';
        /** @var \Closure(Order): void|null called by save() before anything is written: a handler of the shop */
        public static ?\Closure $beforeSave = null;
        /** @var \Closure(): void|null called when a part was changed: somebody else at the same moment */
        public static ?\Closure $meanwhile = null;
        /** @var \Closure(Order): void|null called when everything is written and save() has not come back yet */
        public static ?\Closure $afterWrite = null;
        /** Text of an error of save(); null = none. */
        public static ?string $saveError = null;
        /** Parts are not written and save() tells it by a warning only. */
        public static bool $losesParts = false;
        public static int $saves = 0;

        public static function reset(): void
        {
            [self::$kind, self::$beforeSave, self::$saveError] = ['new', null, null];
            [self::$losesParts, self::$saves, self::$meanwhile, self::$afterWrite] = [false, 0, null, null];
            Notify::setNotifyDisable(false);
        }
    }

    class Fields
    {
        private array $original = [];

        public function __construct(public array $values)
        {
        }

        public function set(string $name, mixed $value): bool
        {
            $old = $this->values[$name] ?? null;
            if ($old == $value && $old !== null) {
                return false;
            }
            $this->values[$name] = $value;
            if (!array_key_exists($name, $this->original)) {
                $this->original[$name] = $old;
            } elseif (Kernel::$kind !== 'old' && $this->original[$name] == $value) {
                unset($this->original[$name]);
            }
            return true;
        }

        public function changed(): array
        {
            return array_intersect_key($this->values, $this->original);
        }

        public function clearChanged(): void
        {
            $this->original = [];
        }
    }

    class Order
    {
        private Fields $fields;
        private ?ShipmentCollection $shipments = null;
        private ?PropertyValueCollection $properties = null;

        // Of what the real one lets be set, what the tables of the tests have.
        private const MAY_BE_SET = [
            'STATUS_ID', 'CANCELED', 'TRACKING_NUMBER', 'UPDATED_1C', 'MARKED', 'REASON_MARKED', 'USER_DESCRIPTION', 'PRICE',
        ];
        private const MOST_LOCKED_S = 3600;

        private function __construct(array $row)
        {
            $this->fields = new Fields($row);
        }

        /** Whether somebody else has the order open in the admin pages; a visit of an hour ago does not count. */
        public static function isLocked($id)
        {
            $row = Internals\OrderTable::getRowById($id);
            return $row !== null && $row['LOCKED_BY'] !== null && (int)$row['DATE_LOCK'] + self::MOST_LOCKED_S > time();
        }

        public static function load($id)
        {
            if ((int)$id <= 0) {
                throw new ArgumentNullException('id');
            }
            $row = Internals\OrderTable::getRowById($id);
            return $row === null ? null : new self($row);
        }

        public static function loadByAccountNumber($value)
        {
            if (!is_string($value)) {
                throw new \TypeError('numbers of orders are texts');
            }
            if (trim($value) === '') {
                throw new ArgumentNullException('value');
            }
            $rows = Internals\OrderTable::getList(['filter' => ['=ACCOUNT_NUMBER' => $value]])->fetchAll();
            return $rows === [] ? false : new self($rows[0]);
        }

        public function getId()
        {
            return (int)$this->fields->values['ID'];
        }

        public function getField($name)
        {
            return $this->fields->values[$name] ?? null;
        }

        public function setField($name, $value)
        {
            if (!in_array($name, self::MAY_BE_SET, true)) {
                throw new ArgumentOutOfRangeException("name=$name");
            }
            $this->setFieldNoDemand($name, $value);
            return new Result();
        }

        public function setFieldNoDemand($name, $value)
        {
            if (!array_key_exists('UPDATED_1C', $this->fields->changed())) {
                $this->fields->set('UPDATED_1C', 'N');
            }
            $this->fields->set($name, $value);
        }

        /** A part was changed. */
        public function touched(): void
        {
            Kernel::$meanwhile !== null && (Kernel::$meanwhile)();
            if (!array_key_exists('UPDATED_1C', $this->fields->changed())) {
                $this->fields->set('UPDATED_1C', 'N');
            }
        }

        public function getShipmentCollection()
        {
            return $this->shipments ??= new ShipmentCollection($this);
        }

        public function getPropertyCollection()
        {
            return $this->properties ??= new PropertyValueCollection($this);
        }

        public function save()
        {
            Kernel::$saves++;
            $result = new Result();
            if (Kernel::$beforeSave !== null) {
                (Kernel::$beforeSave)($this);
            }
            if (Kernel::$saveError !== null) {
                return $result->addError(new Error(Kernel::$saveError));
            }
            $fields = $this->fields->changed();
            $version = (int)$this->getField('VERSION') + 1;
            if (Kernel::$kind === 'late') {
                $this->setFieldNoDemand('VERSION', $version);
                $fields = $this->fields->changed();
            } else {
                $fields['VERSION'] = $version;
                $this->setFieldNoDemand('VERSION', $version);
            }
            $fields['DATE_UPDATE'] = (string)hrtime(true);
            Internals\OrderTable::update($this->getId(), $fields);
            if (Kernel::$losesParts) {
                $result->addWarning(new Error('a part was not written'));
            } else {
                $this->shipments?->save();
                $this->properties?->save();
            }
            Notify::status('order', $this->getId(), 'O', $fields['STATUS_ID'] ?? null);
            Kernel::$afterWrite !== null && (Kernel::$afterWrite)($this);
            $this->fields->clearChanged();
            return $result;
        }
    }

    class Shipment
    {
        public Fields $fields;

        public function __construct(private ShipmentCollection $collection, array $row)
        {
            $this->fields = new Fields($row);
        }

        public function getId()
        {
            return (int)$this->fields->values['ID'];
        }

        public function isSystem()
        {
            return $this->fields->values['SYSTEM'] === 'Y';
        }

        public function getField($name)
        {
            return $this->fields->values[$name] ?? null;
        }

        public function setField($name, $value)
        {
            $result = new Result();
            if ($this->isSystem()) {
                throw new NotSupportedException();
            }
            if (!in_array($name, ['STATUS_ID', 'TRACKING_NUMBER', 'ALLOW_DELIVERY', 'DEDUCTED', 'PRICE_DELIVERY'], true)) {
                throw new ArgumentOutOfRangeException("name=$name");
            }
            if ($this->fields->set($name, $value)) {
                $order = $this->collection->order;
                if ($name === 'TRACKING_NUMBER') {
                    $order->setFieldNoDemand('TRACKING_NUMBER', $value);
                }
                $order->touched();
            }
            return $result;
        }
    }

    class ShipmentCollection implements \IteratorAggregate
    {
        /** @var list<Shipment> */
        private array $items = [];

        public function __construct(public Order $order)
        {
            $rows = Internals\ShipmentTable::getList(['filter' => ['=ORDER_ID' => $order->getId()]])->fetchAll();
            foreach ($rows as $row) {
                $this->items[] = new Shipment($this, $row);
            }
        }

        public function getIterator(): \Iterator
        {
            return new \ArrayIterator($this->items);
        }

        public function save(): void
        {
            foreach ($this->items as $item) {
                $changed = $item->fields->changed();
                if ($changed !== []) {
                    Internals\ShipmentTable::update($item->getId(), $changed);
                    Notify::status('shipment', $item->getId(), 'D', $changed['STATUS_ID'] ?? null);
                    Notify::tracking($item->getId(), $changed['TRACKING_NUMBER'] ?? null);
                    $item->fields->clearChanged();
                }
            }
        }
    }

    class PropertyValue
    {
        private Fields $fields;

        public function __construct(private Order $order, array $row, private array $property)
        {
            // As the real one reads it from the table.
            $plain = preg_match('/(^|;)[OC]:\+?\d+:/', (string)$row['VALUE']) === 1 ? false : @unserialize($row['VALUE']);
            $this->fields = new Fields(['VALUE' => $plain === false ? $row['VALUE'] : $plain] + $row);
        }

        public function getProperty()
        {
            return $this->property;
        }

        public function getValue()
        {
            return $this->fields->values['VALUE'];
        }

        public function setField($name, $value)
        {
            if ($name !== 'VALUE') {
                throw new ArgumentOutOfRangeException("name=$name");
            }
            if ($this->fields->set($name, $value)) {
                $this->order->touched();
            }
            return new Result();
        }

        /** Tells nothing of its success. */
        public function setValue($value)
        {
            $this->setField('VALUE', $value);
        }

        public function save(): void
        {
            $changed = $this->fields->changed();
            if ($changed !== []) {
                Internals\OrderPropsValueTable::update($this->fields->values['ID'], $changed);
                $this->fields->clearChanged();
            }
        }
    }

    class PropertyValueCollection
    {
        /** @var array<string, PropertyValue> */
        private array $items = [];

        public function __construct(Order $order)
        {
            $values = Internals\OrderPropsValueTable::getList(['filter' => ['=ORDER_ID' => $order->getId()]])->fetchAll();
            foreach ($values as $row) {
                $filter = ['=CODE' => $row['CODE']];
                $property = Internals\OrderPropsTable::getList(['filter' => $filter])->fetchAll()[0];
                $this->items[$row['CODE']] = new PropertyValue($order, $row, $property);
            }
        }

        public function getItemByOrderPropertyCode(string $code)
        {
            return $this->items[$code] ?? null;
        }

        public function save(): void
        {
            array_map(static fn (PropertyValue $item) => $item->save(), $this->items);
        }
    }

    abstract class StatusBase
    {
        public static function getFinalStatus()
        {
            return static::FINAL;
        }
    }

    class OrderStatus extends StatusBase
    {
        public const TYPE = 'O';
        public const FINAL = 'F';
    }

    class DeliveryStatus extends StatusBase
    {
        public const TYPE = 'D';
        public const FINAL = 'DF';
    }

    class Notify
    {
        private static bool $isDisabled = false;

        public static function isNotifyDisabled()
        {
            return self::$isDisabled;
        }

        public static function setNotifyDisable($value)
        {
            self::$isDisabled = $value === true;
        }

        public static function status(string $kind, int $id, string $type, ?string $status): void
        {
            $filter = ['=ID' => (string)$status, '=TYPE' => $type, '=NOTIFY' => 'Y'];
            if ($status !== null && Internals\StatusTable::getCount($filter) > 0) {
                self::mail("$kind $id: $status");
            }
        }

        public static function tracking(int $id, ?string $number): void
        {
            if ($number !== null && $number !== '') {
                self::mail("tracking $id: $number");
            }
        }

        private static function mail(string $text): void
        {
            if (!self::$isDisabled) {
                Application::getConnection()->rows('INSERT INTO b_mail (TEXT) VALUES (?)', [$text]);
            }
        }
    }
}

namespace Bitrix\Sale\Internals {

    use Bitrix\Main\ORM\Data\DataManager;

    class OrderTable extends DataManager
    {
        public static function getTableName()
        {
            return 'b_sale_order';
        }
    }

    class ShipmentTable extends DataManager
    {
        public static function getTableName()
        {
            return 'b_sale_order_delivery';
        }
    }

    class OrderPropsValueTable extends DataManager
    {
        public static function getTableName()
        {
            return 'b_sale_order_props_value';
        }
    }

    class OrderPropsTable extends DataManager
    {
        public static function getTableName()
        {
            return 'b_sale_order_props';
        }
    }

    class StatusLangTable extends DataManager
    {
        public static function getTableName()
        {
            return 'b_sale_status_lang';
        }
    }

    class StatusTable extends DataManager
    {
        public static function getTableName()
        {
            return 'b_sale_status';
        }
    }
}

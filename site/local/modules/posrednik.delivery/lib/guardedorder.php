<?php

declare(strict_types=1);

namespace Posrednik\Delivery;

use Bitrix\Main\Result;
use Bitrix\Sale\DeliveryStatus;
use Bitrix\Sale\Order;
use Bitrix\Sale\Shipment;

/** The only writer of orders: each change passes the Guard, each Result is looked at, and only differences are set. */
final class GuardedOrder
{
    /** @var array<string, string> what was refused or could not be found: code => name */
    public array $left = [];
    /** @var list<Change> what was set and differed */
    public array $made = [];

    public function __construct(private readonly Order $order, private readonly Guard $guard)
    {
    }

    /** Whether the status of the order itself was set. */
    public function withStatus(): bool
    {
        return in_array(Change::ORDER, array_column($this->made, 'target'), true);
    }

    /** @throws \RuntimeException when the shop does not take a value */
    public function set(Change $change): void
    {
        $why = $this->guard->why($change);
        if ($why !== null) {
            $this->left[$why] = $change->name;
            return;
        }
        match ($change->target) {
            Change::SHIPMENT => $this->setOfShipments($change),
            Change::PROPERTY => $this->setProperty($change),
            Change::ORDER => $this->setStatus($change),
        };
    }

    /** Whether the order has a value everywhere it may be. */
    public function has(Change $change): bool
    {
        $values = match ($change->target) {
            Change::SHIPMENT => array_map(
                static fn (Shipment $one): string => (string)$one->getField($change->name),
                $this->shipments()
            ),
            Change::PROPERTY => array_map(self::valueOf(...), $this->properties($change->name)),
            Change::ORDER => [(string)$this->order->getField($change->name)],
        };
        foreach ($values as $value) {
            if (!self::isSame($value, $change->value)) {
                return false;
            }
        }
        return true;
    }

    /** As the shop compares: it holds "2450" and "2450.00" for the same and does not write one over the other. */
    private static function isSame(string $a, string $b): bool
    {
        return $a == $b;
    }

    private function setOfShipments(Change $change): void
    {
        $shipments = $this->shipments();
        if ($shipments === []) {
            $this->left['no_shipment'] = $change->name;
        }
        foreach ($shipments as $shipment) {
            if (!self::isSame((string)$shipment->getField($change->name), $change->value)) {
                $this->made($change, $shipment->setField($change->name, $change->value));
            }
        }
    }

    private function setProperty(Change $change): void
    {
        $properties = $this->properties($change->name);
        if ($properties === []) {
            $this->left['no_property'] = $change->name;
        }
        foreach ($properties as $property) {
            $why = Guard::whyProperty((array)$property->getProperty(), $change->value);
            if ($why !== null) {
                $this->left[$why] = $change->name;
            } elseif (!self::isSame(self::valueOf($property), $change->value)) {
                // Not setValue(): in some kernels it tells nothing of its success.
                $this->made($change, $property->setField('VALUE', $change->value));
            }
        }
    }

    private function setStatus(Change $change): void
    {
        if (!self::isSame((string)$this->order->getField($change->name), $change->value)) {
            $this->made($change, $this->order->setField($change->name, $change->value));
        }
    }

    /**
     * Asked anew every time: the exchange with 1C makes and deletes shipments. The system shipment holds what is in no
     * other, and a final one is 1C's.
     *
     * @return list<Shipment>
     */
    private function shipments(): array
    {
        $found = [];
        foreach ($this->order->getShipmentCollection() as $shipment) {
            if (!$shipment->isSystem() && $shipment->getField('STATUS_ID') !== DeliveryStatus::getFinalStatus()) {
                $found[] = $shipment;
            }
        }
        return $found;
    }

    /** @return list<object> none or one; kernels differ in the class */
    private function properties(string $code): array
    {
        $property = $this->order->getPropertyCollection()->getItemByOrderPropertyCode($code);
        return $property === null ? [] : [$property];
    }

    private static function valueOf(object $property): string
    {
        $value = $property->getValue();
        return is_scalar($value) ? (string)$value : '';
    }

    private function made(Change $change, Result $result): void
    {
        if (!$result->isSuccess()) {
            throw new \RuntimeException(implode('; ', $result->getErrorMessages()));
        }
        $this->made[] = $change;
    }
}

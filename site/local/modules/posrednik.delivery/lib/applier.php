<?php

declare(strict_types=1);

namespace Posrednik\Delivery;

use Bitrix\Sale\Order;
use Bitrix\Sale\OrderStatus;

/** Applies one event to the order of the shop. Repeating it changes nothing. */
final class Applier
{
    public function __construct(
        private readonly Settings $settings,
        private readonly Mapping $mapping,
        private readonly Guard $guard,
    ) {
    }

    /**
     * @param bool $isSecondLook the event was applied while a person had the order open: his page sends the properties
     *     as they were, so only they are looked after; a status he chose himself stays
     * @throws \Throwable when it may go better the next time; the order is then as it was or as it should be
     */
    public function apply(Envelope $event, bool $isSecondLook = false): Outcome
    {
        if ($event->deliveryId === null) {
            return $event->type === Envelope::TEST ? Outcome::done('test') : Outcome::skipped('not_delivery');
        }
        $changes = $this->changes($event, $isSecondLook);
        if ($changes === []) {
            return Outcome::skipped('nothing_chosen', $event->stage);
        }
        if ($event->siteNumber === '') {
            return Outcome::skipped('no_number', $event->number);
        }
        $order = $this->load($event->siteNumber);
        return $order === null
            ? Outcome::skipped('no_order', $event->siteNumber)
            : $this->applyTo($order, $changes);
    }

    /** @return list<Change> */
    private function changes(Envelope $event, bool $onlyProperties): array
    {
        return array_values(array_filter(
            $this->mapping->changes($event),
            static fn (Change $one): bool => !$onlyProperties || $one->target === Change::PROPERTY
        ));
    }

    /** @param list<Change> $changes */
    private function applyTo(Order $order, array $changes): Outcome
    {
        if ($order->getField('STATUS_ID') === OrderStatus::getFinalStatus()) {
            return Outcome::skipped('order_final', (string)$order->getField('STATUS_ID'));
        }
        if ($order->getField('CANCELED') === 'Y') {
            return Outcome::skipped('order_cancelled');
        }
        return NotifyOff::during(!$this->settings->sendsMail, fn (): Outcome => $this->write($order, $changes));
    }

    /** @param list<Change> $changes */
    private function write(Order $order, array $changes): Outcome
    {
        $mark = OneCMark::of($order);
        $guarded = new GuardedOrder($order, $this->guard);
        foreach ($changes as $change) {
            $guarded->set($change);
        }
        if ($guarded->made !== []) {
            $mark->keep($order);
            $warnings = self::save($order);
            if (!$mark->restore($guarded->withStatus())) {
                $guarded->left['changed_by_site'] = (string)$order->getField('ACCOUNT_NUMBER');
            }
            $this->look($order, $guarded->made, $warnings);
        }
        $why = (string)array_key_first($guarded->left);
        $about = implode(', ', array_unique($guarded->left));
        $withProperties = in_array(Change::PROPERTY, array_column($changes, 'target'), true);
        return $withProperties && Order::isLocked((int)$order->getId())
            ? Outcome::open($why, $about)
            : Outcome::done($why, $about);
    }

    /** Returns the warnings. */
    private static function save(Order $order): string
    {
        $result = $order->save();
        if (!$result->isSuccess()) {
            throw new \RuntimeException(implode('; ', $result->getErrorMessages()));
        }
        return implode('; ', $result->getWarningMessages());
    }

    /**
     * save() tells of shipments and properties that were not written only by warnings, among others that do not
     * matter; so the order is looked at again.
     *
     * @param list<Change> $made
     */
    private function look(Order $order, array $made, string $warnings): void
    {
        $saved = Order::load((int)$order->getId()) ?? throw new \RuntimeException('order_gone');
        $guarded = new GuardedOrder($saved, $this->guard);
        foreach ($made as $change) {
            if (!$guarded->has($change)) {
                throw new \RuntimeException('not_saved ' . $change->name . ': ' . $warnings);
            }
        }
    }

    private function load(string $number): ?Order
    {
        if ($this->settings->orderKey === 'ID') {
            return ctype_digit($number) && (int)$number > 0 ? Order::load((int)$number) : null;
        }
        // As a string: numbers of orders may have letters and leading zeros. Kernels say null or false for none.
        return Order::loadByAccountNumber($number) ?: null;
    }
}

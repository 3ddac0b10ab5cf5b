<?php

declare(strict_types=1);

namespace Posrednik\Delivery;

use Bitrix\Main\Application;
use Bitrix\Sale\Internals\OrderTable;
use Bitrix\Sale\Order;

/**
 * Keeps the mark by which the standard exchange chooses orders for 1C (UPDATED_1C = 'N') as it was.
 *
 * Every change through the API of the shop sets it to 'N': 1C would get the order, change it, tell Posrednik, and so in
 * a circle. An order that waits for 1C already, or that somebody else changes meanwhile, keeps its 'N'.
 */
final class OneCMark
{
    // What our own save writes into the row of the order besides the mark itself, and what is none of 1C's business.
    private const OURS = [
        'UPDATED_1C', 'DATE_UPDATE', 'VERSION', 'RUNNING', 'TRACKING_NUMBER', 'MARKED', 'DATE_MARKED',
        'EMP_MARKED_ID', 'REASON_MARKED',
        // Somebody opened the order in the admin pages: nothing of it has changed by that.
        'LOCKED_BY', 'DATE_LOCK',
    ];
    private const OF_STATUS = ['STATUS_ID', 'DATE_STATUS', 'EMP_STATUS_ID'];

    /** @param array<string, mixed> $before the row of the order when it was loaded */
    private function __construct(private readonly int $orderId, private readonly array $before)
    {
    }

    public static function of(Order $order): self
    {
        return new self((int)$order->getId(), self::row((int)$order->getId()));
    }

    /**
     * The last field that is set before save().
     *
     * @throws \RuntimeException when the order was closed or moved on since it was read; the next try sees that
     */
    public function keep(Order $order): void
    {
        $now = self::row($this->orderId);
        if ([$now['STATUS_ID'], $now['CANCELED']] !== [$this->before['STATUS_ID'], $this->before['CANCELED']]) {
            throw new \RuntimeException('order_changed');
        }
        if ($this->wasSent() && $now['UPDATED_1C'] === 'Y') {
            $result = $order->setField('UPDATED_1C', 'Y');
            if (!$result->isSuccess()) {
                throw new \RuntimeException(implode('; ', $result->getErrorMessages()));
            }
        }
    }

    /**
     * After save(): kernels differ in what they set by themselves, and handlers of the shop may call setField().
     *
     * @return bool false: somebody else really changed the order, so it goes to 1C as it should
     */
    public function restore(bool $withStatus): bool
    {
        $after = self::row($this->orderId);
        if (!$this->wasSent() || $after['UPDATED_1C'] === 'Y') {
            return true;
        }
        $ours = array_flip($withStatus ? [...self::OURS, ...self::OF_STATUS] : self::OURS);
        if (self::texts(array_diff_key($after, $ours)) !== self::texts(array_diff_key($this->before, $ours))) {
            return false;
        }
        return $this->putBack((int)$after['VERSION']);
    }

    /** Only if the order is still as it was looked at: every save counts its version up. */
    private function putBack(int $version): bool
    {
        $connection = Application::getConnection();
        $connection->queryExecute(sprintf(
            "UPDATE %s SET UPDATED_1C = 'Y' WHERE ID = %d AND VERSION = %d",
            OrderTable::getTableName(),
            $this->orderId,
            $version
        ));
        return $connection->getAffectedRowsCount() === 1;
    }

    private function wasSent(): bool
    {
        return ($this->before['UPDATED_1C'] ?? 'N') === 'Y';
    }

    /** @return array<string, mixed> */
    private static function row(int $orderId): array
    {
        return OrderTable::getRowById($orderId) ?? throw new \RuntimeException('order_gone');
    }

    /**
     * @param array<string, mixed> $row
     * @return array<string, string>
     */
    private static function texts(array $row): array
    {
        ksort($row);
        return array_map(static fn ($one): string => is_scalar($one) || $one instanceof \Stringable
            ? (string)$one
            : (is_object($one) && method_exists($one, 'toString') ? $one->toString() : serialize($one)), $row);
    }
}

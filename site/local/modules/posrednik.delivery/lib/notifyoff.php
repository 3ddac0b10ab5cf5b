<?php

declare(strict_types=1);

namespace Posrednik\Delivery;

use Bitrix\Sale\Notify;

/** Silences the shop's own mails to the buyer while an event is applied, if the settings want it. */
final class NotifyOff
{
    /**
     * @template T
     * @param callable(): T $work
     * @return T
     */
    public static function during(bool $isOff, callable $work): mixed
    {
        $was = Notify::isNotifyDisabled();
        if (!$isOff || $was) {
            return $work();
        }
        Notify::setNotifyDisable(true);
        try {
            return $work();
        } finally {
            Notify::setNotifyDisable(false);
        }
    }
}

<?php

declare(strict_types=1);

namespace Posrednik\Delivery;

use Bitrix\Main\Application;

/** What a person has to learn of goes into the site's own journal of events and onto the desk of the administrator. */
final class Journal
{
    public const AUDIT_TYPE = 'POSREDNIK_DELIVERY';

    /**
     * Something of ours that went wrong. The site's log shows the arguments of calls and what came before, if it is
     * told to; so it gets what the kernel says and the place, and nothing of what was worked on.
     */
    public static function failure(\Throwable $error): void
    {
        $text = sprintf('posrednik.delivery: %s (%s:%d)', $error->getMessage(), $error->getFile(), $error->getLine());
        try {
            Application::getInstance()->getExceptionHandler()->writeToLog(new \RuntimeException($text));
        } catch (\Throwable) {
            error_log($text);
        }
    }

    /** An event was given up. */
    public static function dead(string $siteNumber, \Throwable $error): void
    {
        $text = str_replace(
            ['#ORDER#', '#WHY#'],
            [$siteNumber, mb_substr(Texts::failure($error->getMessage()), 0, 250, 'UTF-8')],
            Texts::text('NOTICE', 'dead')
        );
        \CEventLog::Add([
            'SEVERITY' => 'ERROR', 'AUDIT_TYPE_ID' => self::AUDIT_TYPE, 'MODULE_ID' => Settings::MODULE,
            'ITEM_ID' => $siteNumber, 'DESCRIPTION' => htmlspecialcharsbx($text),
        ]);
        \CAdminNotify::Add([
            'MESSAGE' => htmlspecialcharsbx($text), 'TAG' => 'posrednik_delivery_dead', 'MODULE_ID' => Settings::MODULE,
            'ENABLE_CLOSE' => 'Y', 'NOTIFY_TYPE' => \CAdminNotify::TYPE_ERROR,
        ]);
    }

    /**
     * Handler of main:OnEventLogGetAuditTypes: the name of our entries in the site's journal.
     *
     * @return array<string, string>
     */
    public static function auditTypes(): array
    {
        return [self::AUDIT_TYPE => '[' . self::AUDIT_TYPE . '] ' . Texts::text('NOTICE', 'audit_type')];
    }
}

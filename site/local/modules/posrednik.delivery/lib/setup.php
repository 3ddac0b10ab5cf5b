<?php

declare(strict_types=1);

namespace Posrednik\Delivery;

use Bitrix\Main\Application;

/**
 * What the module needs on the site besides its own folder: tables, the endpoint and the agent.
 *
 * The installer makes it; saving the settings makes good what has gone since (an update of the folder, a cleaning of
 * /bitrix/tools, a kernel that switched the agent off after three kills).
 */
final class Setup
{
    private const INDEXES = [
        'queue' => [EventTable::class, ['STATE', 'NEXT_AT']],
        'newest' => [EventTable::class, ['RECEIVED_AT']],
        'changed' => [DeliveryTable::class, ['CHANGED_AT']],
    ];

    public static function make(): void
    {
        self::tables();
        self::files();
        self::agent();
    }

    /** @return list<string> codes of texts (ERROR_…) */
    public static function missing(): array
    {
        return array_keys(array_filter([
            'no_endpoint' => !is_file(self::root() . '/bitrix/tools/' . Settings::MODULE . '/webhook.php'),
            'no_agent' => !self::hasAgent(),
        ]));
    }

    public static function tables(): void
    {
        $connection = Application::getConnection();
        foreach ([EventTable::class, DeliveryTable::class] as $table) {
            if (!$connection->isTableExists($table::getTableName())) {
                $table::getEntity()->createDbTable();
            }
        }
        foreach (self::INDEXES as $index => [$table, $columns]) {
            if (!$connection->isIndexExists($table::getTableName(), $columns)) {
                $connection->createIndex($table::getTableName(), 'ix_posrednik_delivery_' . $index, $columns);
            }
        }
    }

    public static function files(): void
    {
        CopyDirFiles(dirname(__DIR__) . '/install/tools', self::root() . '/bitrix/tools', true, true);
    }

    public static function agent(): void
    {
        if (!self::hasAgent()) {
            \CAgent::RemoveModuleAgents(Settings::MODULE);
            \CAgent::AddAgent(Agent::CALL, Settings::MODULE, 'N', Agent::INTERVAL_S);
        }
    }

    private static function hasAgent(): bool
    {
        $agents = \CAgent::GetList([], ['MODULE_ID' => Settings::MODULE]);
        while ($agent = $agents->Fetch()) {
            if ($agent['NAME'] === Agent::CALL && $agent['ACTIVE'] === 'Y') {
                return true;
            }
        }
        return false;
    }

    private static function root(): string
    {
        return rtrim((string)$_SERVER['DOCUMENT_ROOT'], '/');
    }
}

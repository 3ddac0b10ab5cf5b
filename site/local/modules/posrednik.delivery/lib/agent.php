<?php

declare(strict_types=1);

namespace Posrednik\Delivery;

use Bitrix\Main\Loader;

/** What the site calls: the agent every minute, and a short piece of work after an answer has gone. */
final class Agent
{
    public const CALL = '\\Posrednik\\Delivery\\Agent::run();';
    public const INTERVAL_S = 60;
    private const BUDGET_S = 20.0;

    /** Always returns its own call: the site removes an agent that returns anything else. */
    public static function run(): string
    {
        self::work(self::BUDGET_S);
        return self::CALL;
    }

    public static function workAfterAnswer(float $budgetS): void
    {
        self::work($budgetS);
    }

    private static function work(float $budgetS): void
    {
        try {
            if (Loader::includeModule('sale')) {
                Worker::ofSettings()->run($budgetS);
            }
        } catch (\Throwable $error) {
            Journal::failure($error);
        }
    }
}

<?php

declare(strict_types=1);

namespace Posrednik\Delivery;

use Bitrix\Main\Application;

/** Connects the endpoint with PHP's request and the site's answer. */
final class Http
{
    /** Seconds that are given to the queue after the answer has gone. */
    private const BACKGROUND_S = 5.0;

    public static function answer(): Answer
    {
        $settings = Settings::load();
        $input = fopen('php://input', 'rb');
        $endpoint = new Endpoint($settings, new Inbox(new Storage()));
        $answer = $endpoint->answer((string)($_SERVER['REQUEST_METHOD'] ?? ''), self::headers(), $input, time());
        if ($answer->code === Inbox::ACCEPTED && $settings->isBackground) {
            Application::getInstance()->addBackgroundJob([Agent::class, 'workAfterAnswer'], [self::BACKGROUND_S]);
        }
        return $answer;
    }

    /** @return array<string, string> */
    private static function headers(): array
    {
        $headers = ['content-length' => (string)($_SERVER['CONTENT_LENGTH'] ?? '')];
        foreach (['webhook-id', 'webhook-timestamp', 'webhook-signature'] as $name) {
            $headers[$name] = (string)($_SERVER['HTTP_' . strtoupper(strtr($name, '-', '_'))] ?? '');
        }
        return $headers;
    }
}

<?php

declare(strict_types=1);

namespace Posrednik\Delivery;

use Bitrix\Main\HttpResponse;
use Bitrix\Main\Localization\Loc;

/** What the endpoint answers. Posrednik shows `message` to people when the status is not 2xx. */
final class Answer
{
    private const REASONS = [
        200 => 'OK', 400 => 'Bad Request', 401 => 'Unauthorized', 405 => 'Method Not Allowed', 409 => 'Conflict',
        413 => 'Content Too Large', 503 => 'Service Unavailable',
    ];

    /** @param array<string, string> $headers */
    public function __construct(
        public readonly int $status,
        public readonly string $code,
        public readonly array $headers = [],
    ) {
    }

    public static function of(Refusal $refusal): self
    {
        $headers = match ($refusal->status) {
            405 => ['Allow' => 'POST'],
            503 => ['Retry-After' => $refusal->reason === 'switched_off' ? '600' : '60'],
            default => [],
        };
        return new self($refusal->status, $refusal->reason, $headers);
    }

    /** The code of a refusal in words. */
    public static function message(string $code): string
    {
        Loc::loadMessages(__FILE__);
        return (string)Loc::getMessage('POSREDNIK_DELIVERY_ANSWER_' . strtoupper($code));
    }

    public function body(): string
    {
        $told = $this->status === 200
            ? ['status' => $this->code]
            : ['status' => 'error', 'code' => $this->code, 'message' => self::message($this->code)];
        return json_encode($told, JSON_UNESCAPED_UNICODE | JSON_THROW_ON_ERROR);
    }

    public function response(): HttpResponse
    {
        $response = new HttpResponse();
        $response->setStatus($this->status . ' ' . (self::REASONS[$this->status] ?? ''));
        $response->addHeader('Content-Type', 'application/json; charset=utf-8');
        $response->addHeader('Cache-Control', 'no-store');
        foreach ($this->headers as $name => $value) {
            $response->addHeader($name, $value);
        }
        $response->setContent($this->body());
        return $response;
    }
}

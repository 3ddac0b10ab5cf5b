<?php

declare(strict_types=1);

namespace Posrednik\Delivery;

/** The door: checks a request in the order in which it is cheapest to say no, and writes the event down. */
final class Endpoint
{
    /** A delivery of which several hundred lines were refused; what is kept of it is less, see Inbox. */
    public const MOST_BYTES = 262144;

    public function __construct(private readonly Settings $settings, private readonly Inbox $inbox)
    {
    }

    /**
     * @param array<string, string> $headers names in lower case
     * @param resource $input the raw body
     */
    public function answer(string $method, array $headers, $input, int $now): Answer
    {
        try {
            return new Answer(200, $this->take($method, $headers, $input, $now));
        } catch (Refusal $refusal) {
            $this->tell($refusal, $now);
            return Answer::of($refusal);
        } catch (\Throwable $error) {
            // Nothing was kept, so Posrednik has to send it again.
            Journal::failure($error);
            return Answer::of(new Refusal(503, 'not_stored'));
        }
    }

    /** Whether it can be told or not, the answer is the same. A visit by a browser is nothing to tell. */
    private function tell(Refusal $refusal, int $now): void
    {
        try {
            $refusal->status === 405 || $this->inbox->refused($refusal, $now);
        } catch (\Throwable $error) {
            Journal::failure($error);
        }
    }

    /**
     * @param array<string, string> $headers
     * @param resource $input
     */
    private function take(string $method, array $headers, $input, int $now): string
    {
        if ($method !== 'POST') {
            throw new Refusal(405, 'only_post');
        }
        if (!$this->settings->isActive) {
            throw new Refusal(503, 'switched_off');
        }
        $body = self::body($headers['content-length'] ?? '', $input);
        $id = $headers['webhook-id'] ?? '';
        (new Signature($this->settings->secrets($now)))->check(
            $id,
            $headers['webhook-timestamp'] ?? '',
            $headers['webhook-signature'] ?? '',
            $body,
            $now
        );
        return $this->inbox->take($id, Envelope::parse($body), $body, $now);
    }

    /** @param resource $input */
    private static function body(string $announced, $input): string
    {
        if (ctype_digit($announced) && (int)$announced > self::MOST_BYTES) {
            throw new Refusal(413, 'too_large');
        }
        $body = stream_get_contents($input, self::MOST_BYTES + 1);
        if ($body === false) {
            throw new Refusal(400, 'no_body');
        }
        if (strlen($body) > self::MOST_BYTES) {
            throw new Refusal(413, 'too_large');
        }
        return $body;
    }
}

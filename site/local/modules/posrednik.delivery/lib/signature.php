<?php

declare(strict_types=1);

namespace Posrednik\Delivery;

/**
 * Checks a request by Standard Webhooks 1.0.0, scheme v1: HMAC-SHA256 over "id.timestamp.body".
 *
 * Any of the secrets together with any of the sent signatures is enough, so that a secret can be changed on both
 * sides without a break.
 */
final class Signature
{
    public const WINDOW_S = 300;
    private const PREFIX = 'whsec_';
    private const KEY_BYTES = [16, 64];
    // While a secret is changed there are two; who sends hundreds only wants to keep the processor busy.
    private const MOST_SIGNATURES = 16;

    /** @var list<string> */
    private array $keys = [];
    private string $without = 'no_secret';

    /** @param list<string> $secrets "whsec_" and base64, prefix and padding may be absent; unreadable: left out */
    public function __construct(
        #[\SensitiveParameter] array $secrets,
        private readonly int $windowS = self::WINDOW_S,
    ) {
        foreach ($secrets as $secret) {
            try {
                $this->keys[] = self::key($secret);
            } catch (\InvalidArgumentException) {
                $this->without = 'bad_secret';
            }
        }
    }

    /** The bytes inside a secret. Throws \InvalidArgumentException; the secret is not quoted. */
    public static function key(#[\SensitiveParameter] string $secret): string
    {
        $text = str_starts_with($secret, self::PREFIX) ? substr($secret, strlen(self::PREFIX)) : $secret;
        $key = self::fromBase64($text);
        [$least, $most] = self::KEY_BYTES;
        if ($key === null || strlen($key) < $least || strlen($key) > $most) {
            throw new \InvalidArgumentException('bad_secret');
        }
        return $key;
    }

    /**
     * @param string $signatures the header: one or more "v1,<base64>" separated by spaces
     * @throws Refusal 503 without secrets or with unreadable ones only, 400 without headers, 401 when it does not agree
     */
    public function check(string $id, string $timestamp, string $signatures, string $body, int $now): void
    {
        if ($this->keys === []) {
            throw new Refusal(503, $this->without);
        }
        if ($id === '' || $timestamp === '' || $signatures === '') {
            throw new Refusal(400, 'no_headers');
        }
        if (preg_match('/\A\d{1,12}\z/', $timestamp) !== 1) {
            throw new Refusal(400, 'bad_timestamp');
        }
        if (abs($now - (int)$timestamp) > $this->windowS) {
            throw new Refusal(401, 'old_timestamp');
        }
        if (!$this->agrees($id . '.' . $timestamp . '.' . $body, $signatures)) {
            throw new Refusal(401, 'bad_signature');
        }
    }

    private function agrees(string $content, string $signatures): bool
    {
        $sign = static fn (string $key): string => hash_hmac('sha256', $content, $key, true);
        $expected = array_map($sign, $this->keys);
        $agrees = false;
        foreach (array_slice(explode(' ', $signatures), 0, self::MOST_SIGNATURES) as $sent) {
            $given = str_starts_with($sent, 'v1,') ? self::fromBase64(substr($sent, 3)) : null;
            foreach ($expected as $one) {
                $agrees = ($given !== null && hash_equals($one, $given)) || $agrees;
            }
        }
        return $agrees;
    }

    /** null for what is not base64; the padding may be absent. */
    private static function fromBase64(string $text): ?string
    {
        $bare = rtrim($text, '=');
        if ($bare === '' || preg_match('/\A[A-Za-z0-9+\/]+\z/', $bare) !== 1 || strlen($text) - strlen($bare) > 2) {
            return null;
        }
        $bytes = base64_decode($bare . str_repeat('=', (4 - strlen($bare) % 4) % 4), true);
        return $bytes === false ? null : $bytes;
    }
}

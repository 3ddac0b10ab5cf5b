<?php

declare(strict_types=1);

namespace Posrednik\Delivery;

/**
 * A request that is answered with an HTTP status and not taken.
 *
 * reason: stable English code, goes into the answer; its text is ANSWER_… in lang/<language>/lib/answer.php.
 */
final class Refusal extends \RuntimeException
{
    public function __construct(
        public readonly int $status,
        public readonly string $reason,
        public readonly string $detail = '',
    ) {
        parent::__construct($detail === '' ? $reason : $reason . ': ' . $detail);
    }
}

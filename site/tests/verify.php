<?php

// Signatures checked by the module, one JSON object a line in, one answer a line out; for tests against other libraries.

declare(strict_types=1);

require __DIR__ . '/bootstrap.php';

use Posrednik\Delivery\Refusal;
use Posrednik\Delivery\Signature;

while (($line = fgets(STDIN)) !== false) {
    $sent = json_decode($line, true, 512, JSON_THROW_ON_ERROR);
    try {
        $body = base64_decode($sent['body']);
        $now = $sent['now'] ?? time();
        (new Signature($sent['secrets']))->check($sent['id'], $sent['timestamp'], $sent['signature'], $body, $now);
        echo "good\n";
    } catch (Refusal | InvalidArgumentException $refused) {
        echo $refused->getMessage(), "\n";
    }
}

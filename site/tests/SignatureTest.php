<?php

declare(strict_types=1);

namespace Posrednik\Delivery\Tests;

use PHPUnit\Framework\TestCase;
use Posrednik\Delivery\Refusal;
use Posrednik\Delivery\Signature;

final class SignatureTest extends TestCase
{
    // The vector that the libraries of Standard Webhooks test themselves with.
    private const SECRET = 'MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
    private const ID = 'msg_p5jXN8AQM9LWM0D4loKWxJek';
    private const TIME = 1614265330;
    private const BODY = '{"test": 2432232314}';
    private const SIGNED = 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=';

    private static function answer(
        array $secrets = [self::SECRET],
        string $signed = self::SIGNED,
        string $time = '1614265330',
        int $now = self::TIME,
        string $body = self::BODY,
        string $id = self::ID,
    ): string {
        try {
            (new Signature($secrets))->check($id, $time, $signed, $body, $now);
            return 'good';
        } catch (Refusal $refusal) {
            return $refusal->status . ' ' . $refusal->reason;
        }
    }

    public function testTheReferenceVectorIsGoodWithAndWithoutThePrefixOfTheSecret(): void
    {
        self::assertSame('good', self::answer());
        self::assertSame('good', self::answer(['whsec_' . self::SECRET]));
    }

    public function testRequestsRecordedFromTheServiceAreGood(): void
    {
        $samples = glob(dirname(__DIR__, 2) . '/src/posrednik/connectors/site/samples/*.json');
        self::assertNotSame([], $samples);
        foreach ($samples as $sample) {
            $sent = json_decode(file_get_contents($sample), true, 512, JSON_THROW_ON_ERROR);
            foreach ($sent['secrets'] as $secret) {
                self::assertSame('good', self::answer(
                    [$secret],
                    $sent['signature'],
                    (string)$sent['timestamp'],
                    $sent['timestamp'],
                    $sent['bytes'],
                    $sent['id']
                ));
            }
        }
    }

    public function testAnyOfSeveralSignaturesAndAnyOfSeveralSecretsIsEnough(): void
    {
        $other = 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD';
        $wrong = 'v1,' . base64_encode(str_repeat('x', 32));
        self::assertSame('good', self::answer([$other, self::SECRET]));
        self::assertSame('good', self::answer([self::SECRET, $other]));
        self::assertSame('good', self::answer(signed: $wrong . ' v2,abc ' . self::SIGNED));
        self::assertSame('401 bad_signature', self::answer([$other]));
        self::assertSame('401 bad_signature', self::answer(signed: $wrong));
        self::assertSame('401 bad_signature', self::answer(signed: 'v1a,' . substr(self::SIGNED, 3)));
        self::assertSame('401 bad_signature', self::answer(signed: str_repeat('v1,AAAA ', 500) . self::SIGNED));
    }

    public function testWhatWasChangedOnTheWayIsNotGood(): void
    {
        self::assertSame('401 bad_signature', self::answer(body: self::BODY . ' '));
        self::assertSame('401 bad_signature', self::answer(id: self::ID . 'x'));
        self::assertSame('401 bad_signature', self::answer(time: (string)(self::TIME + 1)));
        foreach (['', 'v1', 'v1,', 'v1,=', 'v1,%%%', 'g0hM9SsE', 'v1,' . str_repeat('A', 43)] as $signed) {
            self::assertStringStartsWith($signed === '' ? '400' : '401', self::answer(signed: $signed));
        }
    }

    public function testTheClockMayDifferByFiveMinutesAndNoMore(): void
    {
        self::assertSame('good', self::answer(now: self::TIME + 300));
        self::assertSame('good', self::answer(now: self::TIME - 300));
        self::assertSame('401 old_timestamp', self::answer(now: self::TIME + 301));
        self::assertSame('401 old_timestamp', self::answer(now: self::TIME - 301));
        foreach (['-5', '1e9', '1614265330.5', ' 1614265330', '99999999999999'] as $time) {
            self::assertSame('400 bad_timestamp', self::answer(time: $time));
        }
    }

    public function testWithoutASecretNothingIsGood(): void
    {
        self::assertSame('503 no_secret', self::answer([]));
    }

    public function testPaddingOfASecretMayBeAbsentAndUnfitSecretsAreNotQuoted(): void
    {
        $key = random_bytes(25);
        $full = base64_encode($key);
        self::assertSame($key, Signature::key('whsec_' . $full));
        self::assertSame($key, Signature::key(rtrim($full, '=')));
        foreach (['', 'whsec_', 'whsec_секрет', 'whsec_c2hvcnQ=', 'whsec_' . str_repeat('A', 200)] as $unfit) {
            try {
                Signature::key($unfit);
                self::fail('taken: ' . $unfit);
            } catch (\InvalidArgumentException $error) {
                self::assertSame('bad_secret', $error->getMessage());
            }
        }
    }
}

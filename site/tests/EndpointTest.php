<?php

declare(strict_types=1);

namespace Posrednik\Delivery\Tests;

use Bitrix\Main\Application;
use Bitrix\Main\Config\Configuration;
use Posrednik\Delivery\Answer;
use Posrednik\Delivery\Endpoint;
use Posrednik\Delivery\EventTable;
use Posrednik\Delivery\Inbox;
use Posrednik\Delivery\Settings;
use Posrednik\Delivery\Signature;
use Posrednik\Delivery\Storage;

final class EndpointTest extends SiteCase
{
    private function ask(
        string $body,
        array $headers = [],
        string $method = 'POST',
        string $secret = self::SECRET,
    ): Answer {
        $signed = 'msg-1.' . $this->now . '.' . $body;
        $signature = base64_encode(hash_hmac('sha256', $signed, Signature::key($secret), true));
        $input = fopen('php://memory', 'r+b');
        fwrite($input, $body);
        rewind($input);
        $sent = $headers + [
            'content-length' => (string)strlen($body), 'webhook-id' => 'msg-1',
            'webhook-timestamp' => (string)$this->now, 'webhook-signature' => 'v1,' . $signature,
        ];
        return (new Endpoint(Settings::load(), new Inbox(new Storage())))->answer($method, $sent, $input, $this->now);
    }

    public function testAnEventIsTakenOnceAndARepeatIsAPlainYes(): void
    {
        self::assertSame([200, 'accepted'], [$this->ask(self::body())->status, EventTable::getCount() === 1 ? 'accepted' : '']);
        $again = $this->ask(self::body());
        self::assertSame([200, 'duplicate'], [$again->status, $again->code]);
        self::assertSame('{"status":"duplicate"}', $again->body());
        self::assertSame(1, EventTable::getCount());
        $this->worker()->run(1.0);
        self::assertSame('duplicate', $this->ask(self::body())->code, 'also when it is done');
    }

    public function testTheSameIdWithAnotherBodyIsAConflictAndTheFirstStays(): void
    {
        $this->ask(self::body(1, 'ready'));
        $answer = $this->ask(self::body(1, 'handed_over'));
        self::assertSame([409, 'other_body'], [$answer->status, $answer->code]);
        self::assertSame('ready', self::event(self::body(1))['STAGE']);
    }

    public function testWhatIsNotSignedIsNotKept(): void
    {
        foreach ([
            [401, $this->ask(self::body(), secret: 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD')],
            [400, $this->ask(self::body(), ['webhook-signature' => ''])],
            [401, $this->ask(self::body(), ['webhook-timestamp' => (string)($this->now - 400)])],
            [405, $this->ask(self::body(), method: 'GET')],
            [400, $this->ask('{"type":')],
        ] as [$status, $answer]) {
            self::assertSame($status, $answer->status);
            self::assertStringContainsString('"message":"', $answer->body());
        }
        self::assertSame('POST', $this->ask('', method: 'PUT')->headers['Allow']);
        self::assertSame(0, EventTable::getCount(['!=STATE' => 'refused']));
    }

    public function testALargeBodyIsRefusedWithAndWithoutItsLengthAnnounced(): void
    {
        $large = str_repeat('x', Endpoint::MOST_BYTES + 1);
        self::assertSame(413, $this->ask($large)->status);
        self::assertSame(413, $this->ask($large, ['content-length' => ''])->status);
        self::assertSame(413, $this->ask('{}', ['content-length' => '999999999'])->status);
    }

    public function testWithoutTheDatabaseTheAnswerIsLaterSoThatNothingIsLost(): void
    {
        $settings = Settings::load();
        $endpoint = new Endpoint($settings, new Inbox(new Storage()));
        $body = self::body();
        $signature = base64_encode(hash_hmac('sha256', 'm.' . $this->now . '.' . $body, Signature::key(self::SECRET), true));
        $input = fopen('data:application/json;base64,' . base64_encode($body), 'rb');
        $headers = [
            'webhook-id' => 'm', 'webhook-timestamp' => (string)$this->now, 'webhook-signature' => 'v1,' . $signature,
        ];
        Application::getConnection()->isDown = true;
        $answer = $endpoint->answer('POST', $headers, $input, $this->now);
        self::assertSame([503, 'not_stored', '60'], [$answer->status, $answer->code, $answer->headers['Retry-After']]);
        self::assertStringContainsString('the database is away', implode(Application::getInstance()->log));
        self::assertCount(1, Application::getInstance()->log);
    }

    public function testAnEventThatCouldNotBeWrittenIsNotTakenForARepeat(): void
    {
        Application::getConnection()->isFull = true;
        self::assertSame([503, 'not_stored'], [$this->ask(self::body())->status, $this->ask(self::body())->code]);
        Application::getConnection()->isFull = false;
        self::assertSame('accepted', $this->ask(self::body())->code);
    }

    public function testSwitchedOffOrWithoutASecretTheAnswerIsLater(): void
    {
        \Site::set(['active' => 'N']);
        self::assertSame([503, '600'], [$this->ask(self::body())->status, $this->ask(self::body())->headers['Retry-After']]);
        \Site::set(['active' => 'Y', 'secret' => '']);
        self::assertSame([503, 'no_secret'], [$this->ask(self::body())->status, $this->ask(self::body())->code]);
    }

    public function testBothSecretsAreGoodWhileOneIsChangedAndThenOnlyTheNewOne(): void
    {
        $new = 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD';
        \Site::set(['secret' => $new, 'secret_old' => self::SECRET, 'secret_old_until' => $this->now + 10]);
        self::assertSame(200, $this->ask(self::body(1))->status);
        self::assertSame(200, $this->ask(self::body(2), secret: $new)->status);
        $this->now += 10;
        self::assertSame(401, $this->ask(self::body(3))->status);
        self::assertSame(200, $this->ask(self::body(3), secret: $new)->status);
    }

    public function testSecretsOfTheSitesOwnFileCountInsteadOfTheOptions(): void
    {
        $filed = 'whsec_' . base64_encode(str_repeat('k', 32));
        Configuration::$values['posrednik.delivery'] = ['secrets' => [$filed, 7, '']];
        self::assertSame(401, $this->ask(self::body())->status);
        self::assertSame(200, $this->ask(self::body(), secret: $filed)->status);
    }

    public function testEveryAnswerHasATextInBothLanguages(): void
    {
        foreach (['only_post', 'switched_off', 'too_large', 'no_body', 'no_secret', 'bad_secret', 'no_headers', 'bad_timestamp',
            'old_timestamp', 'bad_signature', 'bad_json', 'bad_field', 'other_body', 'not_stored'] as $code) {
            self::assertStringNotContainsString('"message":""', (new Answer(400, $code))->body(), $code);
        }
        $used = [];
        foreach (glob(POSREDNIK_MODULE . '/lib/*.php') as $file) {
            preg_match_all("/new Refusal\(\d+, '(\w+)'/", file_get_contents($file), $found);
            $used = [...$used, ...$found[1]];
        }
        foreach ($used as $code) {
            self::assertStringNotContainsString('"message":""', (new Answer(400, $code))->body(), $code);
        }
    }
}

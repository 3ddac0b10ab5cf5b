<?php

declare(strict_types=1);

namespace Posrednik\Delivery\Tests;

use Bitrix\Main\Application;
use Bitrix\Main\Config\Configuration;
use Bitrix\Sale\Kernel;
use Posrednik\Delivery\Agent;
use Posrednik\Delivery\Answer;
use Posrednik\Delivery\DeliveryTable;
use Posrednik\Delivery\Endpoint;
use Posrednik\Delivery\Envelope;
use Posrednik\Delivery\EventTable;
use Posrednik\Delivery\Inbox;
use Posrednik\Delivery\Settings;
use Posrednik\Delivery\Signature;
use Posrednik\Delivery\Storage;

/** What a hostile sender, an old database or an unlucky moment could do. */
final class AdversaryTest extends SiteCase
{
    private const OTHER = 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD';

    private function ask(string $body, array $headers = [], string $id = 'msg-1'): Answer
    {
        $signature = hash_hmac('sha256', $id . '.' . $this->now . '.' . $body, Signature::key(self::SECRET), true);
        $input = fopen('php://memory', 'r+b');
        fwrite($input, $body);
        rewind($input);
        $sent = $headers + [
            'webhook-id' => $id, 'webhook-timestamp' => (string)$this->now,
            'webhook-signature' => 'v1,' . base64_encode($signature),
        ];
        return (new Endpoint(Settings::load(), new Inbox(new Storage())))->answer('POST', $sent, $input, $this->now);
    }

    public function testSignsOfFourBytesDoNotCutAnEventOffInAnOldDatabase(): void
    {
        \Site::order('1001');
        $body = self::body(1, 'ready', ['reason' => 'злой 🐕 во дворе', 'courier' => ['name' => '😀 Иван']]);
        self::assertSame('accepted', $this->ask($body)->code);
        $this->worker()->run(1.0);
        self::assertSame('done', self::event($body)['STATE'], self::event($body)['DETAIL']);
        self::assertSame("злой \u{FFFD} во дворе", \Site::seen('1001')['properties']['REASON']);
        self::assertSame(json_decode($body, true), json_decode(self::event($body)['BODY'], true), 'kept as it was told');
        self::assertSame('duplicate', $this->ask($body)->code);
    }

    public function testABodyThatDoesNotFitIntoItsColumnIsRefusedAndNotCut(): void
    {
        $body = self::body(1, 'ready', ['note' => str_repeat('😀', 13000)]);
        self::assertLessThan(Endpoint::MOST_BYTES, strlen($body));
        self::assertSame([413, 'too_large'], [$this->ask($body)->status, $this->ask($body)->code]);
        self::assertSame(0, EventTable::getCount(['=STATE' => 'new']));
    }

    public function testAnOrderOfWhichHundredsOfLinesAreRefusedIsTakenAndKeptWithoutTheLines(): void
    {
        \Site::order('1001');
        $line = ['line' => self::uuid(3), 'product' => self::uuid(4), 'name' => str_repeat('Ж', 120), 'quantity' => '1'];
        $body = self::body(4, 'handed_over', ['refused' => array_fill(0, 500, $line), 'amount_taken' => '0.00']);
        self::assertGreaterThan(150000, strlen($body));
        self::assertSame('accepted', $this->ask($body)->code);
        self::assertSame('duplicate', $this->ask($body)->code);
        self::assertLessThan(65536, strlen(self::event($body)['BODY']));
        $this->worker()->run(1.0);
        self::assertSame(['done', 'DD'], [self::event($body)['STATE'], self::shipment()['STATUS_ID']]);
    }

    public function testTheIdOfAMessageIsKeptInPlainSigns(): void
    {
        self::assertSame('accepted', $this->ask(self::body(), [], "m\xff😀 <b>")->code);
        self::assertMatchesRegularExpression('/\A[\x21-\x7e]+\z/', self::event(self::body())['MESSAGE_ID']);
    }

    /** @dataProvider serialized */
    public function testATextThatPhpCouldUnserializeStaysAText(string $reason): void
    {
        \Site::order('1001');
        $this->receive($body = self::body(1, 'ready', ['reason' => $reason]));
        self::assertSame('done', self::event($body)['STATE'], self::event($body)['DETAIL']);
        $order = \Bitrix\Sale\Order::load(1);
        $shown = $order->getPropertyCollection()->getItemByOrderPropertyCode('REASON')->getValue();
        self::assertIsString($shown);
        self::assertSame(str_replace(' ', '', $reason), str_replace(' ', '', $shown));
    }

    public static function serialized(): iterable
    {
        yield ['i:5; опоздал'];
        yield ['a:1:{i:0;s:1:"x";}'];
        yield ['N;'];
        yield ['d:0.5;'];
        yield ['O:8:"stdClass":0:{}'];
    }

    public function testANumberThatTheShopHoldsForTheSameIsNotTriedForEver(): void
    {
        \Site::order('1001');
        \Site::rows("UPDATE b_sale_order_props_value SET VALUE = '2450' WHERE CODE = 'DUE'");
        $this->receive($body = self::body());
        self::assertSame(['done', 'DA'], [self::event($body)['STATE'], self::shipment()['STATUS_ID']]);
    }

    public function testASiteWhosePhpCountsInAnotherEncodingReadsTheSame(): void
    {
        \Site::order('1001');
        mb_internal_encoding('Windows-1251');
        try {
            $long = self::body(1, 'ready', ['reason' => str_repeat('щ', 5000), 'courier' => ['name' => 'Иван П.']]);
            self::assertSame(str_repeat('щ', 500), Envelope::parse($long)->reason);
            $this->receive($long);
            Kernel::$saveError = str_repeat('ю', 300);
            $this->receive($failed = self::body(2, 'picked_up'));
        } finally {
            mb_internal_encoding('UTF-8');
        }
        self::assertSame(str_repeat('щ', 500), \Site::seen('1001')['properties']['REASON']);
        self::assertSame(str_repeat('ю', 250), self::event($failed)['DETAIL']);
    }

    public function testAnUnreadableSecretIsSaidAndIsInNoLogAndDoesNotSpoilAGoodOne(): void
    {
        Configuration::$values['posrednik.delivery'] = ['secrets' => ['whsec_секрет', 'whsec_c2hvcnQ=']];
        self::assertSame([503, 'bad_secret'], [$this->ask(self::body())->status, $this->ask(self::body())->code]);
        self::assertSame([], Application::getInstance()->log);
        Configuration::$values['posrednik.delivery'] = ['secrets' => ['whsec_секрет', self::SECRET]];
        self::assertSame('accepted', $this->ask(self::body())->code);
    }

    public function testWhatGoesIntoTheSitesLogNamesNoArgumentsOfCalls(): void
    {
        Application::getConnection()->isFull = true;
        $this->ask(self::body());
        foreach (Application::getInstance()->thrown as $error) {
            $called = json_encode(array_column($error->getTrace(), 'args'), JSON_PARTIAL_OUTPUT_ON_ERROR | JSON_UNESCAPED_UNICODE);
            self::assertStringNotContainsString('Иван', $called);
            self::assertStringNotContainsString(substr(self::SECRET, 6, 12), $called);
            self::assertNull($error->getPrevious());
        }
        self::assertCount(1, Application::getInstance()->thrown);
    }

    public function testACommitThatIsLostSpoilsNothingThatComesAfter(): void
    {
        \Site::order('1001');
        \Site::order('1002');
        $connection = Application::getConnection();
        $connection->losesCommit = true;
        $this->take($first = self::body());
        $this->worker()->run(1.0);
        self::assertSame(['new', 'failed'], [self::event($first)['STATE'], self::event($first)['WHY']]);
        self::assertStringContainsString('the database is away', self::event($first)['DETAIL']);
        $connection->losesCommit = false;
        $this->receive($second = self::body(1, 'ready', ['id' => self::uuid(2), 'order' => ['number' => 'x', 'site_number' => '1002']]));
        self::assertSame('done', self::event($second)['STATE'], self::event($second)['DETAIL']);
        $this->now += 60;
        $this->worker()->run(1.0);
        self::assertSame(['done', 2], [self::event($first)['STATE'], Kernel::$saves], 'and the first is not saved twice');
    }

    public function testWhatWasRefusedIsSeenByTheAdministratorOnceForEachReason(): void
    {
        for ($turn = 0; $turn < 20; $turn++) {
            $this->ask(self::body(), ['webhook-signature' => 'v1,AAAA']);
            $this->ask('{"type":');
            $this->ask('x', ['webhook-id' => '']);
            $this->now += 7;
        }
        $refused = (new Storage())->recent('refused', 50);
        $whys = array_column($refused, 'WHY');
        sort($whys);
        self::assertSame(['bad_json', 'bad_signature', 'no_headers'], $whys);
        self::assertGreaterThan($this->now - 90, (int)$refused[0]['RECEIVED_AT'], 'of the last minute');
        self::assertSame(0, $this->worker()->run(1.0), 'there is nothing to apply');
        self::assertFalse((new Storage())->again($refused[0]['EVENT_ID'], $this->now));
    }

    public function testRefusalsCannotFillTheDatabaseNorDoesItsAbsenceChangeTheAnswer(): void
    {
        $writes = EventTable::getCount();
        for ($turn = 0; $turn < 200; $turn++) {
            $this->ask(random_bytes(20), ['webhook-signature' => 'v1,' . base64_encode(random_bytes(32)), 'webhook-id' => "id$turn"]);
        }
        self::assertSame($writes + 1, EventTable::getCount());
        Application::getConnection()->isFull = true;
        $this->now += 100;
        self::assertSame([401, 'bad_signature'], [
            $this->ask('x', ['webhook-signature' => 'v1,AAAA'])->status, $this->ask('x', ['webhook-signature' => 'v1,AAAA'])->code,
        ]);
    }

    public function testAReplayUnderANewTimeOrIdIsTheSameEvent(): void
    {
        \Site::order('1001');
        $this->ask(self::body());
        $this->worker()->run(1.0);
        $saves = Kernel::$saves;
        $this->now += 290;
        self::assertSame('duplicate', $this->ask(self::body(), [], 'another')->code);
        $upper = strtoupper(self::uuid(1));
        self::assertSame('duplicate', $this->ask(self::body())->code);
        self::assertSame([409, 'other_body'], [
            $this->ask(str_replace('"version":1', '"version": 1', self::body()))->status,
            $this->ask(self::body(1, 'ready', ['amount_due' => '1.00']))->code,
        ]);
        self::assertNotSame($upper, DeliveryTable::getRowById(self::uuid(1))['DELIVERY_ID']);
        $this->worker()->run(1.0);
        self::assertSame($saves, Kernel::$saves);
    }

    public function testDeepAndWideAndTwistedJsonIsRefusedQuickly(): void
    {
        foreach ([
            str_repeat('[', 59000), str_repeat('{"a":', 9000) . '1' . str_repeat('}', 9000), '{"a":' . str_repeat('9', 59000) . '}',
            "\xef\xbb\xbf" . self::body(), '{"type":"a.b","type":"\ud800"}', 'null', 'NaN', "{\"\0\":1}", '{"data":{"delivery":[]}}',
        ] as $body) {
            self::assertSame(400, $this->ask($body)->status, substr($body, 0, 30));
        }
        self::assertSame(0, EventTable::getCount(['=STATE' => 'new']));
    }

    public function testAManagerWhoHasTheOrderOpenDoesNotPutOldPropertiesBack(): void
    {
        $this->now = time();
        $id = \Site::order('1001', ['LOCKED_BY' => 5, 'DATE_LOCK' => $this->now]);
        $this->receive($body = self::body(2, 'picked_up'));
        self::assertSame('У курьера', \Site::seen('1001')['properties']['STATE'], 'shown at once');
        self::assertSame(['new', 'order_open'], [self::event($body)['STATE'], self::event($body)['WHY']]);
        // His page was loaded before: it sends the properties as they were. The status he may have chosen himself.
        \Site::rows("UPDATE b_sale_order_props_value SET VALUE = 'было' WHERE CODE = 'STATE'");
        \Site::rows("UPDATE b_sale_order_delivery SET STATUS_ID = 'DE' WHERE SYSTEM = 'N'");
        \Site::rows("UPDATE b_sale_order SET LOCKED_BY = NULL, DATE_LOCK = NULL, UPDATED_1C = 'N' WHERE ID = ?", [$id]);
        $this->receive($late = self::body(1, 'ready'));
        self::assertSame('stale', self::event($late)['STATE'], 'the version counts already');
        $this->now += 600;
        $this->worker()->run(1.0);
        self::assertSame(['done', ''], [self::event($body)['STATE'], self::event($body)['WHY']]);
        self::assertSame(['У курьера', 'DE'], [\Site::seen('1001')['properties']['STATE'], self::shipment()['STATUS_ID']]);
        self::assertSame(['1001'], \StandardExchange::query(), 'what the manager changed goes to 1C');
    }

    public function testASecondLookThatFailsIsTriedAgainAsOneAndLeavesTheStatusAlone(): void
    {
        $this->now = time();
        \Site::order('1001', ['LOCKED_BY' => 5, 'DATE_LOCK' => $this->now]);
        $this->receive($body = self::body(2, 'picked_up'));
        \Site::rows("UPDATE b_sale_order_props_value SET VALUE = 'было' WHERE CODE = 'STATE'");
        \Site::rows("UPDATE b_sale_order_delivery SET STATUS_ID = 'DE' WHERE SYSTEM = 'N'");
        \Site::rows('UPDATE b_sale_order SET LOCKED_BY = NULL, DATE_LOCK = NULL');
        Kernel::$saveError = 'занято';
        $this->now += 600;
        $this->worker()->run(1.0);
        self::assertSame(['new', 'order_open', '1', 'занято'], [
            self::event($body)['STATE'], self::event($body)['WHY'], self::event($body)['ATTEMPT'], self::event($body)['DETAIL'],
        ]);
        Kernel::$saveError = null;
        $this->now += 60;
        $this->worker()->run(1.0);
        self::assertSame(['done', ''], [self::event($body)['STATE'], self::event($body)['WHY']]);
        self::assertSame(['У курьера', 'DE'], [\Site::seen('1001')['properties']['STATE'], self::shipment()['STATUS_ID']]);
    }

    public function testAnOpenOrderOfWhichOnlyTheStatusIsSetOrThatIsClosedMeanwhileStaysApplied(): void
    {
        $this->now = time();
        $open = ['LOCKED_BY' => 5, 'DATE_LOCK' => $this->now];
        \Site::order('1001', $open);
        $this->receive($body = self::body());
        \Site::rows("UPDATE b_sale_order SET STATUS_ID = 'F'");
        $this->now += 600;
        $this->worker()->run(1.0);
        self::assertSame(['done', ''], [self::event($body)['STATE'], self::event($body)['WHY']]);
        \Site::set(['properties' => '{}']);
        \Site::order('1002', $open);
        $other = ['id' => self::uuid(2), 'order' => ['number' => 'x', 'site_number' => '1002']];
        $this->receive($body = self::body(1, 'ready', $other));
        self::assertSame(['done', 'DA'], [self::event($body)['STATE'], self::shipment('1002')['STATUS_ID']]);
    }

    public function testAnOrderThatStaysOpenIsNotLookedAtForEver(): void
    {
        $this->now = time();
        \Site::order('1001', ['LOCKED_BY' => 5, 'DATE_LOCK' => $this->now + 10 * 86400]);
        $this->receive($body = self::body());
        for ($turn = 0; $turn < 150; $turn++) {
            $this->now += 600;
            $this->worker()->run(1.0);
        }
        self::assertSame(['done', '1'], [self::event($body)['STATE'], (string)Kernel::$saves]);
    }

    public function testAnOrderThatIsDeletedMeanwhileIsTriedAgainAndThenSaidToBeGone(): void
    {
        \Site::order('1001');
        Kernel::$beforeSave = static fn () => \Site::rows('DELETE FROM b_sale_order');
        $this->receive($body = self::body());
        self::assertSame(['new', 'order_gone'], [self::event($body)['STATE'], self::event($body)['DETAIL']]);
        $this->now += 60;
        $this->worker()->run(1.0);
        self::assertSame(['skipped', 'no_order'], [self::event($body)['STATE'], self::event($body)['WHY']]);
    }

    /** @dataProvider overtaken */
    public function testAnOrderThatIsClosedBetweenTheLookAndTheSaveIsNotOpenedAgain(string $change, string $why): void
    {
        \Site::order('1001');
        \Site::set(['may_change_order' => 'Y', 'order_statuses' => ['ready' => 'K']]);
        Kernel::$meanwhile = static function () use ($change): void {
            \Site::rows("UPDATE b_sale_order SET $change WHERE ID = 1");
        };
        $this->receive($body = self::body());
        self::assertSame(['new', 'order_changed', 0], [self::event($body)['STATE'], self::event($body)['DETAIL'], Kernel::$saves]);
        Kernel::$meanwhile = null;
        $this->now += 60;
        $this->worker()->run(1.0);
        self::assertSame(['skipped', $why, 0], [self::event($body)['STATE'], self::event($body)['WHY'], Kernel::$saves]);
    }

    public static function overtaken(): iterable
    {
        yield ["STATUS_ID = 'F'", 'order_final'];
        yield ["CANCELED = 'Y'", 'order_cancelled'];
    }

    public function testALockOfTheOrderIsNoChangeOfItsContents(): void
    {
        foreach (['new', 'late', 'old'] as $kind) {
            $this->setUp();
            Kernel::$kind = $kind;
            \Site::order('1001');
            Kernel::$beforeSave = static fn () => \Site::rows("UPDATE b_sale_order SET LOCKED_BY = 5, DATE_LOCK = 1");
            $this->receive($body = self::body());
            self::assertSame(['done', ''], [self::event($body)['STATE'], self::event($body)['WHY']], $kind);
            self::assertSame([], \StandardExchange::query(), $kind);
        }
    }

    public function testTwoAgentsAndARequestAtOnceApplyAnEventOnce(): void
    {
        $this->now = time();
        \Site::order('1001');
        $this->take(self::body());
        $inside = [];
        Kernel::$beforeSave = static function () use (&$inside): void {
            Kernel::$beforeSave = null;
            Agent::workAfterAnswer(1.0);
            $inside[] = Agent::run();
        };
        // A database that gives the lock to anyone (an old MySQL forgets it when another one is taken).
        Application::getConnection()->givesLock = true;
        $this->worker()->run(1.0);
        self::assertSame([[Agent::CALL], 1], [$inside, Kernel::$saves]);
    }
}

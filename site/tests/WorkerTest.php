<?php

declare(strict_types=1);

namespace Posrednik\Delivery\Tests;

use Bitrix\Main\Application;
use Bitrix\Main\Loader;
use Bitrix\Sale\Kernel;
use Posrednik\Delivery\Agent;
use Posrednik\Delivery\DeliveryTable;
use Posrednik\Delivery\EventTable;
use Posrednik\Delivery\Retry;
use Posrednik\Delivery\Storage;
use Posrednik\Delivery\Worker;

final class WorkerTest extends SiteCase
{
    private const STAGES = ['ready', 'picked_up', 'en_route', 'handed_over', 'not_delivered'];

    public function testInWhateverOrderAndHoweverOftenEventsComeTheNewestStands(): void
    {
        for ($seed = 1; $seed <= 30; $seed++) {
            mt_srand($seed);
            $this->setUp();
            \Site::order('1001');
            $sent = [];
            for ($version = 1, $last = mt_rand(1, 6); $version <= $last; $version++) {
                $sent = [...$sent, ...array_fill(0, mt_rand(1, 3), self::body($version, self::STAGES[($version + $seed) % 5]))];
            }
            shuffle($sent);
            foreach ($sent as $body) {
                Kernel::$saveError = mt_rand(0, 3) === 0 ? 'занято' : null;
                $this->take($body);
                mt_rand(0, 1) && $this->worker()->run(60.0);
                $this->now += mt_rand(0, 90);
            }
            Kernel::$saveError = null;
            for ($turn = 0; $turn < 9; $turn++) {
                $this->worker()->run(60.0);
                $this->now += 40000;
            }
            $titles = \Posrednik\Delivery\Texts::stages();
            $stage = self::STAGES[($last + $seed) % 5];
            self::assertSame($titles[$stage], \Site::seen('1001')['properties']['STATE'], "seed $seed");
            self::assertSame((string)$last, DeliveryTable::getRowById(self::uuid(1))['VERSION']);
            self::assertSame(0, EventTable::getCount(['=STATE' => 'new']));
        }
    }

    public function testAnOlderEventIsKeptAsOutdatedAndNotApplied(): void
    {
        \Site::order('1001');
        $this->receive(self::body(5, 'en_route'));
        $this->receive($late = self::body(3, 'picked_up'));
        self::assertSame(['stale', 'older_version', '5'], [
            self::event($late)['STATE'], self::event($late)['WHY'], self::event($late)['DETAIL'],
        ]);
        self::assertSame('DC', self::shipment()['STATUS_ID']);
    }

    public function testAnEventThatFailsDoesNotHoldUpTheNextOne(): void
    {
        \Site::order('1001');
        Kernel::$saveError = 'занято';
        $this->receive($first = self::body(1, 'ready'));
        Kernel::$saveError = null;
        $this->receive(self::body(2, 'picked_up'));
        self::assertSame('DB', self::shipment()['STATUS_ID']);
        $this->now += 60;
        $this->worker()->run(1.0);
        self::assertSame(['stale', 'DB'], [self::event($first)['STATE'], self::shipment()['STATUS_ID']]);
    }

    public function testAfterAllTriesAnEventIsGivenUpAPersonIsToldAndMayRepeatIt(): void
    {
        \Site::order('1001');
        Kernel::$saveError = 'нет прав <b>';
        $this->receive($body = self::body());
        for ($try = 0; $try < count(Retry::PAUSES_S); $try++) {
            self::assertSame('new', self::event($body)['STATE']);
            $this->now = (int)self::event($body)['NEXT_AT'];
            $this->worker()->run(1.0);
        }
        self::assertSame(['dead', '9'], [self::event($body)['STATE'], self::event($body)['ATTEMPT']]);
        self::assertCount(1, \CEventLog::$entries);
        self::assertStringContainsString('1001', \CAdminNotify::$notices['posrednik_delivery_dead']['MESSAGE']);
        self::assertStringNotContainsString('<b>', \CAdminNotify::$notices['posrednik_delivery_dead']['MESSAGE']);
        $this->now += 1000000;
        self::assertSame(0, $this->worker()->run(1.0));
        Kernel::$saveError = null;
        self::assertTrue((new Storage())->again(self::event($body)['EVENT_ID'], $this->now));
        $this->worker()->run(1.0);
        self::assertSame(['done', 'DA'], [self::event($body)['STATE'], self::shipment()['STATUS_ID']]);
        self::assertFalse((new Storage())->again(self::event($body)['EVENT_ID'], $this->now), 'what is done stays so');
        self::assertFalse((new Storage())->again('nothing', $this->now));
    }

    public function testWhatWasAppliedInPartComesAgainWhenThePersonHasMendedTheSettings(): void
    {
        \Site::order('1001');
        \Site::set(['properties' => ['stage' => 'NONE']]);
        $this->receive($body = self::body(2, 'picked_up'));
        self::assertSame(['done', 'no_property', 'NONE'], [
            self::event($body)['STATE'], self::event($body)['WHY'], self::event($body)['DETAIL'],
        ]);
        \Site::set(['properties' => ['stage' => 'STATE']]);
        self::assertTrue((new Storage())->again(self::event($body)['EVENT_ID'], $this->now));
        $this->worker()->run(1.0);
        self::assertSame(['done', ''], [self::event($body)['STATE'], self::event($body)['WHY']]);
        self::assertSame('У курьера', \Site::seen('1001')['properties']['STATE']);
        self::assertFalse((new Storage())->again(self::event($body)['EVENT_ID'], $this->now));
    }

    public function testAPartThatWasAppliedBeforeANewerOneDoesNotComeBack(): void
    {
        \Site::order('1001');
        \Site::set(['properties' => ['stage' => 'NONE']]);
        $this->receive($old = self::body(1, 'ready'), self::body(2, 'picked_up'));
        (new Storage())->again(self::event($old)['EVENT_ID'], $this->now);
        $this->worker()->run(1.0);
        self::assertSame(['stale', 'DB'], [self::event($old)['STATE'], self::shipment()['STATUS_ID']]);
    }

    public function testAllThatWasNotAppliedComesAgainByOnePressTheNewestOfEachDelivery(): void
    {
        \Site::set(['order_key' => 'ID']);
        $about = static fn (int $delivery, string $number): array => [
            'id' => self::uuid($delivery), 'order' => ['number' => 'x', 'site_number' => $number],
        ];
        $bodies = [];
        foreach ([1, 2, 3] as $delivery) {
            foreach (['ready', 'picked_up'] as $place => $stage) {
                $bodies[] = self::body($place + 1, $stage, $about($delivery, "A-$delivery"));
            }
            \Site::order("A-$delivery");
        }
        $this->receive(...$bodies);
        self::assertSame(6, EventTable::getCount(['=WHY' => 'no_order']));
        \Site::set(['order_key' => 'ACCOUNT_NUMBER']);
        \Site::rows("UPDATE b_sale_status SET NOTIFY = 'Y'");
        self::assertSame(3, (new Storage())->againAll($this->now));
        $this->worker()->run(1.0);
        self::assertSame(3, EventTable::getCount(['=STATE' => 'done', '=WHY' => '']));
        self::assertSame(3, EventTable::getCount(['=WHY' => 'no_order']), 'the older ones stay as they were');
        self::assertSame(['DB', 'DB', 'DB'], array_map(static fn ($one) => self::shipment("A-$one")['STATUS_ID'], [1, 2, 3]));
        self::assertCount(3, \Site::rows('SELECT * FROM b_mail'), 'no mail of what is over');
        (new Storage())->againAll($this->now);
        $this->worker()->run(1.0);
        self::assertSame(3, EventTable::getCount(['=STATE' => 'stale']), 'and a second press brings nothing old back');
    }

    public function testATryThatAnotherProcessHasTakenIsNotMadeTwice(): void
    {
        $this->take($body = self::body());
        $id = self::event($body)['EVENT_ID'];
        self::assertTrue((new Storage())->claim($id, 0, $this->now + 60));
        self::assertFalse((new Storage())->claim($id, 0, $this->now + 60), 'both had read that there was none');
        self::assertTrue((new Storage())->claim($id, 1, $this->now + 60));
        EventTable::update($id, ['STATE' => 'done']);
        self::assertFalse((new Storage())->claim($id, 2, $this->now + 60));
        self::assertFalse((new Storage())->claim("x' OR '1' = '1", 2, $this->now + 60));
    }

    public function testAnEventThatKillsTheProcessIsCountedAndGivenUp(): void
    {
        \Site::order('1001');
        $this->take($body = self::body());
        // A try was begun and nothing came of it: as after a kill.
        EventTable::update(self::event($body)['EVENT_ID'], ['ATTEMPT' => count(Retry::PAUSES_S) + 1]);
        $this->worker()->run(1.0);
        self::assertSame(['dead', 'killed'], [self::event($body)['STATE'], self::event($body)['DETAIL']]);
        self::assertSame(0, Kernel::$saves);
    }

    public function testATryIsCountedBeforeItIsMade(): void
    {
        \Site::order('1001');
        $seen = [];
        $body = self::body();
        Kernel::$beforeSave = static function () use (&$seen, $body): void {
            $seen = self::event($body);
        };
        $this->receive($body);
        self::assertSame(['1', (string)(self::NOW + 60)], [$seen['ATTEMPT'], $seen['NEXT_AT']]);
    }

    public function testADatabaseThatGoesAwayBetweenOrderAndJournalCostsNothing(): void
    {
        \Site::order('1001');
        $this->take($body = self::body());
        Kernel::$beforeSave = static function (): void {
            Kernel::$beforeSave = null;
            \Site::rows('ALTER TABLE posrednik_delivery_state RENAME TO away');
        };
        Agent::run();
        self::assertSame(['new', 'DA'], [self::event($body)['STATE'], self::shipment()['STATUS_ID']]);
        self::assertCount(1, Application::getInstance()->log);
        \Site::rows('ALTER TABLE away RENAME TO posrednik_delivery_state');
        $this->now = time() + 60;
        $this->worker()->run(1.0);
        self::assertSame(['done', 1], [self::event($body)['STATE'], Kernel::$saves], 'the order was not saved again');
    }

    public function testOnlyOneProcessWorksAtATime(): void
    {
        $path = tempnam(sys_get_temp_dir(), 'site');
        putenv('POSREDNIK_SITE_DB=' . $path);
        try {
            $this->setUp();
            \Site::order('1001');
            $this->take(self::body());
            $other = fopen($path . '.lock', 'c');
            flock($other, LOCK_EX);
            self::assertSame(0, $this->worker()->run(1.0));
            fclose($other);
            self::assertSame(1, $this->worker()->run(1.0));
            $this->take(self::body(2));
            self::assertSame(1, $this->worker()->run(1.0), 'the lock was given back');
        } finally {
            putenv('POSREDNIK_SITE_DB');
            Application::forget();
            array_map('unlink', glob($path . '*'));
        }
    }

    public function testTheTimeBudgetEndsARunAndTheNextGoesOn(): void
    {
        \Site::order('1001');
        foreach (range(1, 120) as $version) {
            $this->take(self::body($version));
        }
        self::assertSame(1, $this->worker()->run(0.0));
        self::assertSame(119, $this->worker()->run(60.0));
        self::assertSame(0, EventTable::getCount(['=STATE' => 'new']));
    }

    public function testOldRowsAreRemovedAndWaitingOnesAreNot(): void
    {
        \Site::order('1001');
        $this->receive($done = self::body(1));
        Kernel::$saveError = 'занято';
        $this->take($waiting = self::body(2, 'picked_up'));
        EventTable::update(self::event($waiting)['EVENT_ID'], ['NEXT_AT' => $this->now + 400 * 86400]);
        $this->now += 59 * 86400;
        $this->worker()->run(1.0);
        self::assertSame(2, EventTable::getCount());
        $this->now += 2 * 86400;
        $this->worker()->run(1.0);
        self::assertSame([false, true], [
            EventTable::getRowById(\Posrednik\Delivery\Envelope::parse($done)->eventId) !== null,
            self::event($waiting) !== null,
        ]);
        self::assertSame(1, DeliveryTable::getCount(), 'the version is remembered longer');
        $this->now += 400 * 86400;
        Kernel::$saveError = null;
        EventTable::delete(self::event($waiting)['EVENT_ID']);
        $this->worker()->run(1.0);
        self::assertSame(0, DeliveryTable::getCount());
    }

    public function testTheAgentReturnsItsOwnCallWhateverHappens(): void
    {
        \Site::order('1001');
        $this->take(self::body());
        Loader::$absent = ['sale'];
        self::assertSame(Agent::CALL, Agent::run());
        Loader::$absent = [];
        self::assertSame('new', self::event(self::body())['STATE']);
        self::assertSame(Agent::CALL, eval('return ' . Agent::CALL));
        self::assertSame('done', self::event(self::body())['STATE']);
        Application::getConnection()->isDown = true;
        self::assertSame(Agent::CALL, Agent::run());
        self::assertStringContainsString('the database is away', implode(Application::getInstance()->log));
    }
}

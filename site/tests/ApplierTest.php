<?php

declare(strict_types=1);

namespace Posrednik\Delivery\Tests;

use Bitrix\Sale\Kernel;
use Bitrix\Sale\Notify;

final class ApplierTest extends SiteCase
{
    public function testAnEventSetsStatusNumberAndProperties(): void
    {
        \Site::order('1001');
        \Site::set(['tracking' => 'number']);
        $this->receive($body = self::body(2, 'picked_up'));
        $seen = \Site::seen('1001');
        self::assertSame(['DN', 'DB'], array_column($seen['shipments'], 'STATUS_ID'), 'not the system shipment');
        self::assertSame(['', '000-000123'], array_column($seen['shipments'], 'TRACKING_NUMBER'));
        self::assertSame(['У курьера', 'Иван П.', '2450.00', ''], [
            $seen['properties']['STATE'], $seen['properties']['COURIER'], $seen['properties']['DUE'],
            $seen['properties']['REASON'],
        ]);
        self::assertSame(['done', ''], [self::event($body)['STATE'], self::event($body)['WHY']]);
        self::assertSame('P', $seen['STATUS_ID']);
    }

    public function testARepeatChangesNothingAndSendsNoMail(): void
    {
        \Site::order('1001');
        \Site::set(['tracking' => 'number']);
        \Site::rows("UPDATE b_sale_status SET NOTIFY = 'Y' WHERE ID = 'DA'");
        $this->receive(self::body(1, 'ready'));
        self::assertSame(['shipment 2: DA', 'tracking 2: 000-000123'], array_column(\Site::rows('SELECT * FROM b_mail'), 'TEXT'));
        $before = \Site::whole();
        $this->receive(self::body(2, 'ready'));
        self::assertSame(['done', 1], [self::event(self::body(2))['STATE'], Kernel::$saves]);
        self::assertSame($before, \Site::whole());
        self::assertCount(2, \Site::rows('SELECT * FROM b_mail'));
    }

    public function testMailsCanBeSilencedAndAreOnlyWhileAnEventIsApplied(): void
    {
        \Site::order('1001');
        \Site::set(['tracking' => 'number', 'mail' => 'N']);
        \Site::rows("UPDATE b_sale_status SET NOTIFY = 'Y'");
        $this->receive(self::body());
        self::assertSame([], \Site::rows('SELECT * FROM b_mail'));
        self::assertFalse(Notify::isNotifyDisabled());
        Kernel::$saveError = 'no';
        $this->receive(self::body(2, 'picked_up'));
        self::assertFalse(Notify::isNotifyDisabled(), 'also after a failure');
    }

    /** @dataProvider leftAlone */
    public function testOrdersThatAreNotToBeTouchedAreSkippedWithTheReason(array $fields, string $why): void
    {
        \Site::order('1001', $fields);
        $before = \Site::whole();
        $this->receive($body = self::body());
        self::assertSame(['skipped', $why, '1'], array_values(array_intersect_key(
            self::event($body),
            ['STATE' => 1, 'WHY' => 1, 'ATTEMPT' => 1]
        )));
        self::assertSame($before, \Site::whole());
        $this->now += 86400;
        self::assertSame(0, $this->worker()->run(1.0), 'it is not tried again');
    }

    public static function leftAlone(): iterable
    {
        yield 'final' => [['STATUS_ID' => 'F'], 'order_final'];
        yield 'cancelled' => [['CANCELED' => 'Y'], 'order_cancelled'];
    }

    public function testAnOrderIsFoundByItsNumberAsAText(): void
    {
        \Site::order('0042');
        \Site::order('42');
        $this->receive(self::body(1, 'ready', ['order' => ['number' => 'x', 'site_number' => '0042']]));
        self::assertSame(['DA', 'DN'], [self::shipment('0042')['STATUS_ID'], self::shipment('42')['STATUS_ID']]);
    }

    public function testAnOrderMayBeFoundByItsIdInstead(): void
    {
        $id = \Site::order('A-77');
        \Site::set(['order_key' => 'ID']);
        $this->receive(self::body(1, 'ready', ['order' => ['number' => 'x', 'site_number' => (string)$id]]));
        self::assertSame('DA', self::shipment('A-77')['STATUS_ID']);
        $this->receive($body = self::body(2, 'ready', ['order' => ['number' => 'x', 'site_number' => 'A-77']]));
        self::assertSame('no_order', self::event($body)['WHY']);
    }

    public function testEventsWithoutANumberOrOrderOrDeliveryAreSkipped(): void
    {
        $none = self::body(1, 'ready', ['order' => ['number' => '000-9']]);
        $this->receive($none, $test = self::json([
            'type' => 'subscription.test', 'timestamp' => '2026-11-22T10:00:00Z', 'data' => ['event_id' => self::uuid(77)],
        ]), $other = self::json([
            'type' => 'sale.made', 'timestamp' => '2026-11-22T10:00:00Z', 'data' => ['event_id' => self::uuid(78)],
        ]), $away = self::body(2));
        self::assertSame(['no_number', '000-9'], [self::event($none)['WHY'], self::event($none)['DETAIL']]);
        self::assertSame(['done', 'test'], [self::event($test)['STATE'], self::event($test)['WHY']]);
        self::assertSame(['skipped', 'not_delivery'], [self::event($other)['STATE'], self::event($other)['WHY']]);
        self::assertSame(['skipped', 'no_order'], [self::event($away)['STATE'], self::event($away)['WHY']]);
    }

    public function testAFinalShipmentIsLeftAloneAndAllOthersAreSet(): void
    {
        \Site::order('1001', [], 3);
        \Site::rows("UPDATE b_sale_order_delivery SET STATUS_ID = 'DF', DEDUCTED = 'Y' WHERE ID = 3");
        $this->receive(self::body());
        self::assertSame(['DN', 'DA', 'DF', 'DA'], array_column(\Site::seen('1001')['shipments'], 'STATUS_ID'));
    }

    public function testAnOrderWithoutShipmentsGetsItsPropertiesAndTheJournalSaysWhatWasNotDone(): void
    {
        \Site::order('1001', [], 0);
        $this->receive($body = self::body());
        self::assertSame(['done', 'no_shipment'], [self::event($body)['STATE'], self::event($body)['WHY']]);
        self::assertSame('Готов к доставке', \Site::seen('1001')['properties']['STATE']);
    }

    public function testAShipmentThatTheExchangeMadeAnewIsFound(): void
    {
        \Site::order('1001');
        $this->receive(self::body());
        \Site::rows("DELETE FROM b_sale_order_delivery WHERE SYSTEM = 'N'");
        \Site::add('b_sale_order_delivery', ['ORDER_ID' => 1]);
        $this->receive(self::body(2, 'picked_up'));
        self::assertSame('DB', self::shipment()['STATUS_ID']);
    }

    public function testTheStatusOfTheOrderChangesOnlyWhereAPersonAllowedIt(): void
    {
        \Site::order('1001');
        \Site::set(['order_statuses' => ['ready' => 'K', 'handed_over' => 'F']]);
        $this->receive(self::body());
        self::assertSame('P', \Site::seen('1001')['STATUS_ID']);
        \Site::set(['may_change_order' => 'Y']);
        $this->receive(self::body(2, 'ready'), $last = self::body(3, 'handed_over'));
        self::assertSame(['K', 'Y'], [\Site::seen('1001')['STATUS_ID'], \Site::seen('1001')['UPDATED_1C']]);
        self::assertSame('status_final', self::event($last)['WHY']);
    }

    public function testSettingsThatPointAtForbiddenThingsChangeNothing(): void
    {
        \Site::order('1001');
        \Site::set([
            'shipment_statuses' => ['ready' => 'DF'], 'order_statuses' => ['ready' => 'F'], 'may_change_order' => 'Y',
            'properties' => ['stage' => 'PHONE', 'courier' => 'EMAIL', 'reason' => 'FLAG', 'amount_due' => 'MANY'],
        ]);
        $before = \Site::whole();
        $this->receive($body = self::body());
        self::assertSame($before, \Site::whole());
        self::assertSame(['done', 'status_final'], [self::event($body)['STATE'], self::event($body)['WHY']]);
    }

    public function testWhatMayNotBeWrittenDoesNotSpoilTheRest(): void
    {
        \Site::order('1001');
        \Site::set(['properties' => ['stage' => 'MANY', 'courier' => 'COURIER']]);
        $this->receive($body = self::body());
        self::assertSame(['done', 'property_not_text', 'MANY'], [
            self::event($body)['STATE'], self::event($body)['WHY'], self::event($body)['DETAIL'],
        ]);
        self::assertSame(['DA', 'Y'], [self::shipment()['STATUS_ID'], \Site::seen('1001')['UPDATED_1C']]);
    }

    public function testATextThatIsLongerThanItsPropertyAllowsIsLeftOutAndSaid(): void
    {
        \Site::order('1001');
        \Site::rows("UPDATE b_sale_order_props SET MAXLENGTH = 5 WHERE CODE = 'STATE'");
        $this->receive($body = self::body());
        self::assertSame(['done', 'value_too_long', 'STATE'], [
            self::event($body)['STATE'], self::event($body)['WHY'], self::event($body)['DETAIL'],
        ]);
        self::assertSame('было STATE', \Site::seen('1001')['properties']['STATE']);
        self::assertSame('Иван П.', \Site::seen('1001')['properties']['COURIER']);
    }

    public function testTheBuyerReadsOneLanguageWhicheverSiteTheProcessBelongsTo(): void
    {
        \Site::order('1001');
        \Bitrix\Main\Localization\Loc::$language = 'en';
        try {
            $this->receive(self::body(1, 'not_delivered', ['reason' => 'not_home']));
        } finally {
            \Bitrix\Main\Localization\Loc::$language = 'ru';
        }
        $properties = \Site::seen('1001')['properties'];
        self::assertSame(['Не вручён', 'Никого не было дома'], [$properties['STATE'], $properties['REASON']]);
    }

    public function testAFailureOfTheShopIsTriedAgainAndTheReasonKept(): void
    {
        \Site::order('1001');
        Kernel::$saveError = 'Заказ заблокирован';
        $this->receive($body = self::body());
        self::assertSame(['new', 'failed', 'Заказ заблокирован'], [
            self::event($body)['STATE'], self::event($body)['WHY'], self::event($body)['DETAIL'],
        ]);
        Kernel::$saveError = null;
        $this->worker()->run(1.0);
        self::assertSame('new', self::event($body)['STATE'], 'not before its time');
        $this->now += 60;
        $this->worker()->run(1.0);
        self::assertSame('done', self::event($body)['STATE']);
    }

    public function testPartsThatSaveOnlyWarnsAboutCountAsNotWritten(): void
    {
        \Site::order('1001');
        Kernel::$losesParts = true;
        $this->receive($body = self::body());
        self::assertStringContainsString('a part was not written', self::event($body)['DETAIL']);
        Kernel::$losesParts = false;
        $this->now += 60;
        $this->worker()->run(1.0);
        self::assertSame(['done', 'DA'], [self::event($body)['STATE'], self::shipment()['STATUS_ID']]);
    }

    /** Property: whatever is set and whatever comes, nothing of the order changes but what is on the list. */
    public function testWithAnySettingsAndAnyEventsNothingElseChanges(): void
    {
        $statuses = array_column(\Site::rows('SELECT ID FROM b_sale_status'), 'ID');
        $values = [...$statuses, '', 'XX', 'f', "F\0", 'Y'];
        $codes = [...array_column(\Site::rows('SELECT CODE FROM b_sale_order_props'), 'CODE'), '', 'NONE', 'STATUS_ID'];
        $pick = static fn (array $from): string => $from[mt_rand(0, count($from) - 1)];
        $stages = ['ready', 'picked_up', 'handed_over', 'cancelled'];
        $changed = 0;
        for ($seed = 1; $seed <= 70; $seed++) {
            mt_srand($seed);
            $this->setUp();
            Kernel::$kind = $pick(['old', 'new', 'late']);
            $chosen = $pick($codes);
            \Site::set([
                'shipment_statuses' => array_fill_keys($stages, $pick($values)), 'tracking' => $pick(['', 'number', 'delivery']),
                'order_statuses' => array_fill_keys($stages, $pick($values)), 'may_change_order' => $pick(['Y', 'N']),
                'properties' => ['stage' => $chosen, $pick(['courier', 'F', 'STATUS_ID']) => $pick($codes)],
            ]);
            \Site::order('1001', ['STATUS_ID' => $pick(['P', 'N', 'K', 'F'])], mt_rand(0, 2));
            $may = \Posrednik\Delivery\Settings::load();
            $order = $may->mayChangeOrder ? ['STATUS_ID'] : [];
            $properties = array_intersect($may->properties, ['STATE', 'COURIER', 'DUE', 'REASON']);
            [$before, $was] = [\Site::whole(), \Site::foreign($order, $properties)];
            for ($version = 1; $version <= 4; $version++) {
                $this->receive(self::body($version, $pick($stages), ['courier' => $pick(['F', "Иван\n", '<i>', 'Y'])]));
            }
            self::assertSame($was, \Site::foreign($order, $properties), "seed $seed");
            $now = \Site::seen('1001');
            $taboo = array_intersect(['N', 'F', 'DN', 'DF', 'XX', 'f'], array_column($now['shipments'], 'STATUS_ID'));
            self::assertSame([], array_diff($taboo, ['DN']), 'of shipments only what it was');
            self::assertContains($now['STATUS_ID'], [$before['b_sale_order'][0]['STATUS_ID'], 'P', 'K', 'DA', 'DB', 'DC', 'DD', 'DE']);
            $changed += $before !== \Site::whole() ? 1 : 0;
        }
        self::assertGreaterThan(15, $changed);
    }
}

<?php

declare(strict_types=1);

namespace Posrednik\Delivery\Tests;

use PHPUnit\Framework\TestCase;
use Posrednik\Delivery\Change;
use Posrednik\Delivery\Guard;

final class GuardTest extends TestCase
{
    // Fields of Sale\Order, Sale\Shipment and Sale\Payment that a mapping could be bent to.
    private const FIELDS = [
        'STATUS_ID', 'PAYED', 'PAID', 'CANCELED', 'DEDUCTED', 'ALLOW_DELIVERY', 'UPDATED_1C', 'PRICE', 'PRICE_DELIVERY',
        'BASE_PRICE_DELIVERY', 'DELIVERY_ID', 'PAY_SYSTEM_ID', 'SUM', 'SUM_PAID', 'USER_ID', 'MARKED', 'ID_1C',
        'VERSION_1C', 'EXTERNAL_ORDER', 'EXTERNAL_DELIVERY', 'ACCOUNT_NUMBER', 'COMMENTS', 'USER_DESCRIPTION', 'XML_ID',
        'TRACKING_NUMBER', 'TRACKING_STATUS', 'RESERVED', 'CURRENCY', 'DATE_STATUS', 'RESPONSIBLE_ID', 'LID', 'ID', '',
    ];
    private const TARGETS = ['shipment', 'order', 'property', 'payment', 'basket', 'Shipment', ''];
    private const SHIPMENT = ['DA', 'DB'];
    private const ORDER = ['K'];
    private const CODES = ['STATE', 'COURIER'];

    /** Written from the rules, not from the code: all that may pass. */
    private static function mayPass(Change $change, bool $order): bool
    {
        $plain = mb_check_encoding($change->value, 'UTF-8') && preg_match('/[\x00-\x1f\x7f<>]/', $change->value) === 0;
        return match ([$change->target, $change->name]) {
            ['shipment', 'STATUS_ID'] => in_array($change->value, self::SHIPMENT, true),
            ['shipment', 'TRACKING_NUMBER'] => $plain && mb_strlen($change->value) <= 100,
            ['order', 'STATUS_ID'] => $order && in_array($change->value, self::ORDER, true),
            ['property', 'STATE'], ['property', 'COURIER'] => $plain && mb_strlen($change->value) <= 500,
            default => false,
        };
    }

    public function testOfGeneratedChangesOnlyThoseOfTheListPass(): void
    {
        mt_srand(20261123);
        $statuses = ['N', 'F', 'DN', 'DF', 'DA', 'DB', 'K', 'P', 'f', 'df', 'Df', ' F', "F\0", 'ФФ', 'DADA', '', 'Y', '1'];
        $texts = ['', 'RA123', "a\nb", '<b>', "\xff", str_repeat('я', 600), 'Курьер в пути', "\u{85}"];
        $passed = $tried = 0;
        for ($round = 0; $round < 20000; $round++) {
            $order = mt_rand(0, 1) === 1;
            $guard = new Guard(self::SHIPMENT, $order ? self::ORDER : [], self::CODES, ['F', 'DF']);
            $names = [...self::FIELDS, 'STATE', 'COURIER', 'EMAIL', 'PHONE', 'state'];
            $change = new Change(
                self::TARGETS[array_rand(self::TARGETS)],
                $names[array_rand($names)],
                [...$statuses, ...$texts][mt_rand(0, count($statuses) + count($texts) - 1)]
            );
            $tried++;
            if ($guard->why($change) === null) {
                $passed++;
                self::assertTrue(self::mayPass($change, $order), "$change->target $change->name '$change->value'");
            }
        }
        self::assertGreaterThan(100, $passed, 'the list itself must pass');
        self::assertGreaterThan($passed * 5, $tried);
    }

    /** @dataProvider forbidden */
    public function testNoneOfTheForbiddenPassesWhateverTheSettingsSay(string $target, string $name, string $value): void
    {
        $everything = ['F', 'DF', 'N', 'DN', 'Y', 'K', 'Z', 'f', 'df'];
        $guard = new Guard($everything, $everything, self::CODES, ['F', 'DF', 'Z']);
        self::assertNotNull($guard->why(new Change($target, $name, $value)));
    }

    public static function forbidden(): iterable
    {
        foreach (['F', 'DF', 'N', 'DN', 'Z', 'f', 'df'] as $status) {
            yield ['shipment', 'STATUS_ID', $status];
            yield ['order', 'STATUS_ID', $status];
        }
        foreach (['DEDUCTED', 'ALLOW_DELIVERY', 'CANCELED', 'MARKED', 'PRICE_DELIVERY', 'UPDATED_1C'] as $field) {
            yield ['shipment', $field, 'Y'];
        }
        foreach (['PAYED', 'CANCELED', 'UPDATED_1C', 'DEDUCTED', 'ALLOW_DELIVERY', 'PRICE', 'ID_1C'] as $field) {
            yield ['order', $field, 'Y'];
        }
        yield ['payment', 'PAID', 'Y'];
        yield ['property', 'PHONE', '+79000000000'];
    }

    public function testPropertiesThatHoldTheBuyersDataAreLeftAlone(): void
    {
        self::assertNull(Guard::whyProperty(['TYPE' => 'STRING', 'IS_EMAIL' => 'N']));
        foreach (['IS_EMAIL', 'IS_PHONE', 'IS_PAYER', 'IS_PROFILE_NAME', 'IS_ADDRESS', 'IS_LOCATION', 'IS_ZIP'] as $flag) {
            self::assertSame('property_personal', Guard::whyProperty(['TYPE' => 'STRING', $flag => 'Y']));
        }
        foreach (['LOCATION', 'FILE', 'Y/N', 'ENUM', 'DATE', 'NUMBER', ''] as $type) {
            self::assertSame('property_not_text', Guard::whyProperty(['TYPE' => $type]));
        }
        self::assertSame('property_not_text', Guard::whyProperty(['TYPE' => 'STRING', 'MULTIPLE' => 'Y']));
    }

    public function testAStatusThatIsNotOnTheSiteAnyMoreDoesNotPass(): void
    {
        $guard = new Guard([], [], []);
        self::assertSame('status_not_chosen', $guard->why(new Change('shipment', 'STATUS_ID', 'DA')));
    }
}

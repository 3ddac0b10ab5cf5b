<?php

declare(strict_types=1);

namespace Posrednik\Delivery\Tests;

use PHPUnit\Framework\TestCase;
use Posrednik\Delivery\Change;
use Posrednik\Delivery\Envelope;
use Posrednik\Delivery\Mapping;
use Posrednik\Delivery\Ordering;
use Posrednik\Delivery\Retry;

final class MappingTest extends TestCase
{
    private static function event(string $stage, array $more = []): Envelope
    {
        $about = $more + [
            'id' => '0198c0de-0000-7000-8000-000000000001', 'version' => 3, 'stage' => $stage,
            'order' => ['number' => '000-000123', 'site_number' => '1001'], 'amount_due' => '2450.00',
        ];
        return Envelope::parse(json_encode([
            'type' => 'delivery.x', 'timestamp' => '2026-11-22T10:00:00Z',
            'data' => ['event_id' => '0198c0de-0000-7000-8000-000000000002', 'delivery' => $about],
        ]));
    }

    /** @return list<string> */
    private static function told(Mapping $mapping, Envelope $event): array
    {
        return array_map(
            static fn (Change $one): string => "$one->target $one->name=$one->value",
            $mapping->changes($event)
        );
    }

    public function testNothingChosenIsNothingToDo(): void
    {
        self::assertSame([], self::told(new Mapping([], [], [], '', []), self::event('ready')));
        self::assertSame([], self::told(new Mapping(['picked_up' => 'DB'], [], [], '', []), self::event('ready')));
    }

    public function testStatusesNumbersAndPropertiesAreWhatWasChosen(): void
    {
        $properties = array_combine(Mapping::FIELDS, array_map('strtoupper', Mapping::FIELDS));
        $mapping = new Mapping(['ready' => 'DA'], ['ready' => 'K'], $properties, 'number', ['ready' => 'Готов']);
        $event = self::event('ready', ['courier' => 'Иван', 'amount_taken' => '1.00', 'reason' => 'дождь']);
        self::assertSame([
            'shipment STATUS_ID=DA', 'shipment TRACKING_NUMBER=000-000123', 'order STATUS_ID=K', 'property STAGE=Готов',
            'property COURIER=Иван', 'property AMOUNT_DUE=2450.00', 'property AMOUNT_TAKEN=1.00', 'property REASON=дождь',
            'property NEXT_DATE=', 'property MOMENT=22.11.2026 13:00',
        ], self::told($mapping, $event));
    }

    public function testAnUnknownStageOfANewerServiceIsShownByItsCode(): void
    {
        $mapping = new Mapping(['ready' => 'DA'], [], ['stage' => 'STATE'], 'delivery', ['ready' => 'Готов']);
        self::assertSame(
            ['shipment TRACKING_NUMBER=0198c0de-0000-7000-8000-000000000001', 'property STATE=locked'],
            self::told($mapping, self::event('locked'))
        );
    }

    public function testOnlyTheNewestVersionIsApplied(): void
    {
        self::assertTrue(Ordering::isDue(null, 1));
        self::assertTrue(Ordering::isDue(3, 7));
        self::assertTrue(Ordering::isDue(3, 3), 'by a repeat');
        self::assertFalse(Ordering::isDue(3, 2));
    }

    public function testABatchIsSortedWithinEachDelivery(): void
    {
        $rows = array_map(static fn (array $one): array => ['DELIVERY_ID' => $one[0], 'VERSION' => $one[1]], [
            ['b', '10'], ['a', '2'], ['b', '9'], ['a', '1'],
        ]);
        $sorted = array_map(static fn (array $row): string => $row['DELIVERY_ID'] . $row['VERSION'], Ordering::sorted($rows));
        self::assertSame(['b9', 'b10', 'a1', 'a2'], $sorted);
    }

    public function testPausesGrowAndEnd(): void
    {
        $last = 0;
        for ($failures = 1; ($next = Retry::next($failures, 0)) !== null; $failures++) {
            self::assertGreaterThan($last, $next);
            $last = $next;
        }
        self::assertSame(count(Retry::PAUSES_S) + 1, $failures);
    }
}

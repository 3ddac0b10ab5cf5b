<?php

declare(strict_types=1);

namespace Posrednik\Delivery\Tests;

use Posrednik\Delivery\Envelope;
use Posrednik\Delivery\Refusal;

final class EnvelopeTest extends SiteCase
{
    public function testAnEventIsRead(): void
    {
        $event = Envelope::parse(self::body(4, 'handed_over', [
            'amount_taken' => '2450.00', 'reason' => "не открыл\u{7}дверь", 'next_date' => '2026-11-23', 'new' => [1],
        ]));
        self::assertSame('delivery.changed', $event->type);
        self::assertSame([4, 'handed_over', '1001', '000-000123'], [
            $event->version, $event->stage, $event->siteNumber, $event->number,
        ]);
        self::assertSame(['Иван П.', '2450.00', '2450.00', 'не открыл дверь', '2026-11-23'], [
            $event->courier, $event->amountDue, $event->amountTaken, $event->reason, $event->nextDate,
        ]);
        self::assertSame(self::uuid(1), $event->deliveryId);
        self::assertSame(strtotime('2026-11-22T10:00:00Z'), $event->momentS);
    }

    public function testTheSamplesOfTheServiceAreRead(): void
    {
        foreach (glob(dirname(__DIR__, 2) . '/src/posrednik/connectors/site/samples/*.json') as $sample) {
            $event = Envelope::parse(json_decode(file_get_contents($sample), true)['bytes']);
            self::assertSame('1001', $event->siteNumber);
        }
    }

    public function testATestOfTheSubscriptionIsAboutNoDelivery(): void
    {
        $data = ['event_id' => self::uuid(5)];
        $event = Envelope::parse(self::json([
            'type' => 'subscription.test', 'timestamp' => '2026-11-22T10:00:00.123456+00:00', 'data' => $data,
        ]));
        self::assertNull($event->deliveryId);
        self::assertSame(self::uuid(5), $event->eventId);
    }

    public function testSignsOfMarkupBecomeHarmless(): void
    {
        $event = Envelope::parse(self::body(1, 'not_delivered', ['reason' => '<script>alert(1)</script>']));
        self::assertSame('‹script›alert(1)‹/script›', $event->reason);
    }

    /** @dataProvider unreadable */
    public function testWhatCannotBeReadIsRefusedAndItsPlaceNamed(string $body, string $where): void
    {
        try {
            Envelope::parse($body);
            self::fail('read: ' . $body);
        } catch (Refusal $refusal) {
            self::assertSame(400, $refusal->status);
            self::assertStringContainsString($where, $refusal->getMessage());
        }
    }

    public static function unreadable(): iterable
    {
        $event = json_decode(self::body(), true);
        $with = static function (string $path, mixed $value) use ($event): string {
            $place = &$event;
            foreach (explode('.', $path) as $name) {
                $place = &$place[$name];
            }
            $place = $value;
            return self::json($event);
        };
        yield ['', 'bad_json'];
        yield ['[]', 'bad_json'];
        yield ['"text"', 'bad_json'];
        yield ["{\"type\": \"\xff\"}", 'bad_json'];
        yield [str_repeat('{"a":', 50) . '1' . str_repeat('}', 50), 'bad_json'];
        yield ['{"type": "delivery.readied"}', 'data'];
        yield [$with('type', 'Delivery!'), 'type'];
        yield [$with('type', str_repeat('a.', 60)), 'type'];
        yield [$with('timestamp', 'yesterday'), 'timestamp'];
        yield [$with('timestamp', '2026-99-99T10:00:00Z'), 'timestamp'];
        yield [$with('data', []), 'data'];
        yield [$with('data.event_id', '1'), 'event_id'];
        yield [$with('data.delivery', null), 'delivery'];
        yield [$with('data.delivery.id', "x' OR 1=1"), 'id'];
        yield [$with('data.delivery.version', '1'), 'version'];
        yield [$with('data.delivery.version', 0), 'version'];
        yield [$with('data.delivery.version', 1e30), 'version'];
        yield [$with('data.delivery.stage', 'ГОТОВ'), 'stage'];
        yield [$with('data.delivery.order', 'x'), 'order'];
        yield [$with('data.delivery.order.site_number', ['1']), 'site_number'];
        yield [$with('data.delivery.amount_due', '-5'), 'amount_due'];
        yield [$with('data.delivery.amount_due', 2450), 'amount_due'];
        yield [$with('data.delivery.reason', ['a' => 1]), 'reason'];
    }

    public function testLongTextsAreCut(): void
    {
        $event = Envelope::parse(self::body(1, 'ready', ['reason' => str_repeat('щ', 5000)]));
        self::assertSame(500, mb_strlen($event->reason));
    }
}

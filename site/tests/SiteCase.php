<?php

declare(strict_types=1);

namespace Posrednik\Delivery\Tests;

use Bitrix\Main\Application;
use Bitrix\Main\Config\Configuration;
use Bitrix\Sale\Kernel;
use PHPUnit\Framework\TestCase;
use Posrednik\Delivery\Applier;
use Posrednik\Delivery\Envelope;
use Posrednik\Delivery\EventTable;
use Posrednik\Delivery\Inbox;
use Posrednik\Delivery\Settings;
use Posrednik\Delivery\Shop;
use Posrednik\Delivery\Storage;
use Posrednik\Delivery\Worker;

/** A site of its own for each test, in memory, with the module installed and set up. */
abstract class SiteCase extends TestCase
{
    protected const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
    protected const NOW = 1795341600;
    protected int $now = self::NOW;

    protected function setUp(): void
    {
        Application::forget();
        Kernel::reset();
        Configuration::$values = [];
        \CEventLog::$entries = \CAdminNotify::$notices = [];
        \Site::build();
        \Site::install();
        \Site::set([
            'secret' => self::SECRET,
            'shipment_statuses' => ['ready' => 'DA', 'picked_up' => 'DB', 'en_route' => 'DC', 'handed_over' => 'DD'],
            'properties' => ['stage' => 'STATE', 'courier' => 'COURIER', 'amount_due' => 'DUE', 'reason' => 'REASON'],
        ]);
    }

    /** The body of an event. $delivery: fields that differ. */
    protected static function body(int $version = 1, string $stage = 'ready', array $delivery = []): string
    {
        $order = ['ref' => self::uuid(7), 'number' => '000-000123', 'site_number' => '1001'];
        $about = $delivery + [
            'id' => self::uuid(1), 'version' => $version, 'stage' => $stage, 'order' => $order,
            'amount_due' => '2450.00', 'courier' => ['ref' => self::uuid(8), 'name' => 'Иван П.'],
        ];
        return self::json([
            'type' => 'delivery.changed', 'timestamp' => '2026-11-22T10:00:00+00:00',
            'data' => ['event_id' => self::uuid(crc32($about['id']) % 100000 * 10000 + $version), 'delivery' => $about],
        ]);
    }

    protected static function uuid(int $number): string
    {
        return sprintf('0198c0de-0000-7000-8000-%012x', $number);
    }

    protected static function json(mixed $value): string
    {
        return json_encode($value, JSON_UNESCAPED_UNICODE | JSON_THROW_ON_ERROR);
    }

    protected function take(string $body): string
    {
        $event = Envelope::parse($body);
        return (new Inbox(new Storage()))->take('msg-' . $event->eventId, $event, $body, $this->now);
    }

    protected function worker(): Worker
    {
        return new Worker(new Storage(), self::applier(), 60, fn (): int => $this->now);
    }

    protected static function applier(): Applier
    {
        $settings = Settings::load();
        return new Applier($settings, Shop::mapping($settings), Shop::guard($settings));
    }

    /** Takes the bodies and works off the queue. */
    protected function receive(string ...$bodies): void
    {
        foreach ($bodies as $body) {
            $this->take($body);
        }
        $this->worker()->run(60.0);
    }

    /** @return array<string, mixed> */
    protected static function event(string $body): array
    {
        return EventTable::getRowById(Envelope::parse($body)->eventId);
    }

    /** Status of the only real shipment. */
    protected static function shipment(string $number = '1001'): array
    {
        return \Site::seen($number)['shipments'][1];
    }
}

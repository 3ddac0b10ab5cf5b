<?php

declare(strict_types=1);

namespace Posrednik\Delivery\Tests;

use Bitrix\Sale\Kernel;
use Bitrix\Sale\Order;

/** The exchange between the site and 1C goes on beside the module as if it were not there. */
final class StandardExchangeTest extends SiteCase
{
    private const PROPERTIES = ['STATE', 'COURIER', 'DUE', 'REASON'];
    private const STAGES = ['ready', 'picked_up', 'en_route', 'handed_over', 'not_delivered', 'cancelled', 'strange'];

    public static function kernels(): iterable
    {
        yield ['old'];
        yield ['new'];
        yield ['late'];
    }

    /** @dataProvider kernels */
    public function testAnOrderThat1CHasIsNotSentAgain(string $kernel): void
    {
        Kernel::$kind = $kernel;
        \Site::order('1001');
        \Site::set(['tracking' => 'number']);
        $this->receive(self::body(1), self::body(2, 'picked_up'));
        self::assertSame(2, Kernel::$saves);
        self::assertSame([], \StandardExchange::query());
    }

    public function testNotEvenForAMomentIsTheOrderMarkedFor1CWhereTheKernelAllowsIt(): void
    {
        foreach (['old', 'new'] as $version => $kernel) {
            $this->setUp();
            Kernel::$kind = $kernel;
            \Site::order('1001');
            $seen = [];
            Kernel::$afterWrite = static function () use (&$seen): void {
                $seen = \Site::rows('SELECT UPDATED_1C FROM b_sale_order');
            };
            \Site::set(['tracking' => 'number']);
            $this->receive(self::body($version + 1));
            self::assertSame([['UPDATED_1C' => 'Y']], $seen, $kernel);
        }
    }

    /** @dataProvider kernels */
    public function testWhatIsChangedBetweenLoadingAndSavingStillGoesTo1C(string $kernel): void
    {
        Kernel::$kind = $kernel;
        \Site::order('1001');
        Kernel::$meanwhile = static function (): void {
            \Site::rows("UPDATE b_sale_order SET USER_DESCRIPTION = 'позвонить', UPDATED_1C = 'N' WHERE ID = 1");
        };
        $this->receive(self::body());
        self::assertSame(['1001'], \StandardExchange::query());
    }

    /** @dataProvider kernels */
    public function testAnOrderThatWaitsFor1CStillGoesThere(string $kernel): void
    {
        Kernel::$kind = $kernel;
        \Site::order('1001', ['UPDATED_1C' => 'N']);
        $this->receive(self::body());
        self::assertSame(['1001'], \StandardExchange::query());
    }

    /** @dataProvider kernels */
    public function testWhatTheManagerChangesMeanwhileStillGoesTo1C(string $kernel): void
    {
        Kernel::$kind = $kernel;
        \Site::order('1001');
        Kernel::$beforeSave = static function (): void {
            \Site::rows("UPDATE b_sale_order SET USER_DESCRIPTION = 'позвонить', UPDATED_1C = 'N' WHERE ID = 1");
        };
        // The older kernel writes every field that was set; between the last look and save() nothing can be done there.
        $kernel === 'old' && Kernel::$beforeSave = null;
        $kernel === 'old' && \Site::rows("UPDATE b_sale_order SET UPDATED_1C = 'N' WHERE ID = 1");
        $this->receive($body = self::body());
        self::assertSame(['1001'], \StandardExchange::query());
        self::assertSame('done', self::event($body)['STATE']);
    }

    public function testWhatIsChangedWhileTheMarkIsPutBackStillGoesTo1C(): void
    {
        Kernel::$kind = 'late';
        \Site::order('1001');
        $connection = \Bitrix\Main\Application::getConnection();
        $connection->before = static function (string $sql) use ($connection): void {
            if (preg_match('/SET UPDATED_1C = \S+ WHERE/', $sql) === 1) {
                $connection->before = null;
                \Site::rows("UPDATE b_sale_order SET USER_DESCRIPTION = 'позвонить', UPDATED_1C = 'N', VERSION = VERSION + 1");
            }
        };
        $this->receive($body = self::body());
        self::assertNull($connection->before, 'it happened');
        self::assertSame(['1001'], \StandardExchange::query());
        self::assertSame(['done', 'changed_by_site'], [self::event($body)['STATE'], self::event($body)['WHY']]);
    }

    /** @dataProvider kernels */
    public function testAHandlerOfTheShopThatOnlyTouchesTheOrderDoesNotSendItTo1C(string $kernel): void
    {
        Kernel::$kind = $kernel;
        \Site::order('1001');
        Kernel::$beforeSave = static fn (Order $order) => $order->setField('USER_DESCRIPTION', '');
        $this->receive(self::body());
        self::assertSame([], \StandardExchange::query());
    }

    public function testAHandlerOfTheShopThatReallyChangesTheOrderSendsItTo1C(): void
    {
        \Site::order('1001');
        Kernel::$beforeSave = static fn (Order $order) => $order->setField('USER_DESCRIPTION', 'решил сайт');
        $this->receive($body = self::body());
        self::assertSame(['1001'], \StandardExchange::query());
        self::assertSame(['done', 'changed_by_site'], [self::event($body)['STATE'], self::event($body)['WHY']]);
    }

    /** The same documents of 1C with and without our events in between leave the same orders. */
    public function testTheExchangeSeesNoForeignChangeButTheAllowedFields(): void
    {
        for ($seed = 1; $seed <= 21; $seed++) {
            $alone = $this->story($seed, false);
            $this->setUp();
            $beside = $this->story($seed, true);
            self::assertSame($alone['sent'], $beside['sent'], "seed $seed: what 1C was sent");
            self::assertSame($alone['answers'], $beside['answers'], "seed $seed: what 1C was answered");
            self::assertSame($alone['orders'], $beside['orders'], "seed $seed: what is in the orders");
            self::assertGreaterThan(0, $beside['saves'], "seed $seed: the module did something");
            $this->setUp();
        }
    }

    /** @return array<string, mixed> */
    private function story(int $seed, bool $withModule): array
    {
        mt_srand($seed);
        Kernel::$kind = ['old', 'new', 'late'][$seed % 3];
        \Site::set([
            'tracking' => 'delivery', 'may_change_order' => 'Y', 'order_statuses' => ['ready' => 'F', 'picked_up' => 'N'],
            'shipment_statuses' => ['ready' => 'DA', 'picked_up' => 'DB', 'handed_over' => 'DF', 'cancelled' => 'DN'],
        ]);
        for ($number = 1; $number <= 4; $number++) {
            \Site::order("10$number", ['UPDATED_1C' => mt_rand(0, 1) ? 'Y' : 'N'], mt_rand(1, 2));
        }
        $told = ['sent' => [], 'answers' => []];
        for ($step = 0; $step < 40; $step++) {
            $number = '10' . mt_rand(1, 4);
            $event = self::body(mt_rand(1, 9), self::STAGES[mt_rand(0, 6)], [
                'id' => self::uuid((int)$number), 'order' => ['number' => 'x', 'site_number' => $number],
            ]);
            match (mt_rand(0, 5)) {
                0 => $told['sent'][] = \StandardExchange::query(),
                1 => $told['answers'][] = \StandardExchange::import($number, ['STATUS_ID' => ['P', 'K', 'F'][mt_rand(0, 2)]]),
                2 => $told['answers'][] = \StandardExchange::import($number, [], ['ALLOW_DELIVERY' => 'Y', 'DEDUCTED' => 'Y']),
                3 => \Site::rows('UPDATE b_sale_order SET USER_DESCRIPTION = ?, UPDATED_1C = ? WHERE ACCOUNT_NUMBER = ?', [
                    "шаг $step", 'N', $number,
                ]),
                default => $withModule ? $this->tryTake($event) : null,
            };
        }
        $told['sent'][] = \StandardExchange::query();
        return $told + ['orders' => \Site::foreign([], self::PROPERTIES), 'saves' => Kernel::$saves];
    }

    private function tryTake(string $event): void
    {
        try {
            $this->receive($event);
        } catch (\Posrednik\Delivery\Refusal) {
            // The same version with another stage: another body under a known id.
        }
    }

    public function testTheModuleNamesNoPartOfTheExchange(): void
    {
        $files = new \RecursiveIteratorIterator(new \RecursiveDirectoryIterator(POSREDNIK_MODULE, \FilesystemIterator::SKIP_DOTS));
        foreach ($files as $file) {
            $text = strtolower(file_get_contents((string)$file));
            self::assertStringNotContainsString('1c_exchange', $text, (string)$file);
            self::assertStringNotContainsString('commerceml', $text, (string)$file);
        }
    }
}

<?php

declare(strict_types=1);

namespace Posrednik\Delivery\Tests;

use Bitrix\Main\Config\Configuration;
use Bitrix\Sale\Kernel;
use Posrednik\Delivery\Admin\OptionsForm;
use Posrednik\Delivery\Settings;

final class OptionsTest extends SiteCase
{
    private const OTHER = 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD';

    protected function setUp(): void
    {
        parent::setUp();
        $_SERVER['DOCUMENT_ROOT'] = __DIR__ . '/stubs/root';
        [$GLOBALS['APPLICATION'], $_GET, $_POST, $_REQUEST] = [new \CMain(), [], [], []];
        unset($GLOBALS['savedRights']);
        $_SERVER['REQUEST_METHOD'] = 'GET';
    }

    protected function tearDown(): void
    {
        unset($_SERVER['REQUEST_METHOD']);
        [$_GET, $_POST, $_REQUEST] = [[], [], []];
    }

    /** The page as it is shown; [address of a redirect or '', HTML]. */
    private function page(array $post = [], string $sessid = 'good'): array
    {
        $_POST = $post;
        $_REQUEST = $post + ['sessid' => $sessid];
        $_SERVER['REQUEST_METHOD'] = $post === [] ? 'GET' : 'POST';
        ob_start();
        try {
            (static fn () => require POSREDNIK_MODULE . '/options.php')();
            return ['', ob_get_contents()];
        } catch (\Redirected $redirected) {
            return [$redirected->getMessage(), ob_get_contents()];
        } finally {
            while (ob_get_level() > 1) {
                ob_end_clean();
            }
        }
    }

    private static function sent(array $more = []): array
    {
        return $more + [
            'active' => 'Y', 'mail' => 'Y', 'order_key' => 'ID', 'tracking' => 'delivery', 'keep_days' => '30',
            'shipment_statuses' => ['ready' => 'DA', 'handed_over' => 'DF', 'strange' => 'DB', 'returned' => ''],
            'order_statuses' => ['ready' => 'F', 'picked_up' => 'K'],
            'properties' => ['stage' => 'STATE', 'courier' => 'EMAIL', 'reason' => ['x']], 'secret_new' => '',
        ];
    }

    public function testTheSecretIsNeverShownOnlyItsFingerprint(): void
    {
        \Site::set(['secret_old' => self::OTHER, 'secret_old_until' => time() + 1000]);
        [, $html] = $this->page();
        foreach ([self::SECRET, self::OTHER] as $secret) {
            self::assertStringNotContainsString(substr($secret, 6), $html);
            self::assertStringContainsString(Settings::fingerprint($secret), $html);
        }
        self::assertStringContainsString('https://shop.example/bitrix/tools/posrednik.delivery/webhook.php', $html);
    }

    public function testOnlyWhatMayBeChosenIsOfferedAndTextsAreEscaped(): void
    {
        [, $html] = $this->page();
        self::assertStringContainsString('<option value="DA" selected>[DA] Статус DA &lt;b&gt;</option>', $html);
        foreach (['DA', 'K'] as $status) {
            $stages = count(\Posrednik\Delivery\Mapping::STAGES);
            self::assertSame($stages, substr_count($html, '<option value="' . $status . '"'), 'in its own list only');
        }
        foreach (['DF', 'DN', 'N', 'F', 'PHONE', 'EMAIL', 'FLAG', 'MANY'] as $value) {
            self::assertStringNotContainsString('<option value="' . $value . '"', $html);
        }
        self::assertStringNotContainsString('<b>', $html);
    }

    public function testWhatWasSentIsKeptAsFarAsItWasOffered(): void
    {
        [$address] = $this->page(self::sent());
        self::assertStringStartsWith('/bitrix/admin/settings.php?mid=posrednik.delivery', $address);
        $settings = Settings::load();
        self::assertSame(['ready' => 'DA'], $settings->shipmentStatuses);
        self::assertSame(['picked_up' => 'K'], $settings->orderStatuses);
        self::assertSame(['stage' => 'STATE'], $settings->properties);
        self::assertSame(['ID', 'delivery', 30, false, false], [
            $settings->orderKey, $settings->tracking, $settings->keepDays, $settings->mayChangeOrder, $settings->isBackground,
        ]);
        self::assertSame(self::SECRET, $settings->secret, 'an empty field keeps the secret');
        self::assertTrue($GLOBALS['savedRights']);
    }

    public function testForgedValuesFallBackToHarmlessOnes(): void
    {
        OptionsForm::save(['order_key' => ['x'], 'tracking' => '../../etc', 'keep_days' => '-5',
            'shipment_statuses' => 'DA', 'properties' => [['stage']]], 'ru', 0);
        $settings = Settings::load();
        self::assertSame(['ACCOUNT_NUMBER', '', 7, [], []], [
            $settings->orderKey, $settings->tracking, $settings->keepDays, $settings->shipmentStatuses, $settings->properties,
        ]);
    }

    public function testANewSecretKeepsTheOldOneForAWhileAndItCanBeForgotten(): void
    {
        $this->page(self::sent(['secret_new' => ' ' . self::OTHER . ' ']));
        self::assertSame([self::OTHER, self::SECRET], Settings::load()->secrets(time()));
        self::assertSame([self::OTHER], Settings::load()->secrets(time() + Settings::OVERLAP_S));
        $this->page(self::sent(['secret_new' => self::OTHER]));
        self::assertCount(2, Settings::load()->secrets(time()), 'the same again is no change');
        $this->page(self::sent(['secret_forget' => 'Y']));
        self::assertSame([self::OTHER], Settings::load()->secrets(time()));
    }

    public function testASecretThatCannotBeReadIsRefusedInWordsAndTheOldOneStays(): void
    {
        [$address, $html] = $this->page(self::sent(['secret_new' => 'whsec_секрет']));
        self::assertSame('', $address);
        self::assertStringContainsString('Секрет не сохранён', $html);
        self::assertSame([self::SECRET], Settings::load()->secrets(time()));
    }

    public function testWithoutTheRightOrTheTokenOfTheFormNothingIsSaved(): void
    {
        $this->page(self::sent(['secret_new' => self::OTHER]), 'bad');
        $GLOBALS['APPLICATION']->right = 'R';
        [, $html] = $this->page(self::sent(['secret_new' => self::OTHER]));
        self::assertStringContainsString('disabled', $html);
        self::assertSame(self::SECRET, Settings::load()->secret);
        $GLOBALS['APPLICATION']->right = 'D';
        self::assertSame(['', ''], $this->page());
    }

    public function testTheJournalShowsStatesWithReasonsAndRepeatsWhatFailed(): void
    {
        \Site::order('1001', ['STATUS_ID' => 'F']);
        $this->now = time();
        $this->receive($skipped = self::body());
        \Site::rows("UPDATE b_sale_order SET STATUS_ID = 'P'");
        Kernel::$saveError = 'занято <i>';
        $this->receive(self::body(2, 'picked_up'));
        [, $html] = $this->page();
        self::assertStringContainsString('заказ уже в конечном статусе', $html);
        self::assertStringContainsString('занято &lt;i&gt;', $html);
        self::assertStringContainsString('Попыток: 1', $html);
        self::assertSame(2, substr_count($html, 'name="repeat"'));
        [$address] = $this->page(['repeat' => self::event($skipped)['EVENT_ID']]);
        self::assertNotSame('', $address);
        self::assertSame('new', self::event($skipped)['STATE']);
        $_GET['state'] = 'dead';
        self::assertStringContainsString('Событий нет', $this->page()[1]);
        $GLOBALS['APPLICATION']->right = 'R';
        $_GET = [];
        self::assertStringNotContainsString('name="repeat"', $this->page()[1]);
    }

    public function testASecretOfTheSitesFileIsToldOf(): void
    {
        Configuration::$values['posrednik.delivery'] = ['secrets' => [self::OTHER]];
        self::assertStringContainsString('.settings.php', $this->page()[1]);
    }
}

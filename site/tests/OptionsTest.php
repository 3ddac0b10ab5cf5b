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
        $_SERVER['DOCUMENT_ROOT'] = sys_get_temp_dir() . '/posrednik-options-' . bin2hex(random_bytes(6));
        mkdir($_SERVER['DOCUMENT_ROOT'] . '/bitrix/tools', 0755, true);
        symlink(__DIR__ . '/stubs/root/bitrix/modules', $_SERVER['DOCUMENT_ROOT'] . '/bitrix/modules');
        \CAgent::$agents = [];
        \Posrednik\Delivery\Setup::make();
        [$GLOBALS['APPLICATION'], $_GET, $_POST, $_REQUEST] = [new \CMain(), [], [], []];
        unset($GLOBALS['savedRights']);
        $_SERVER['REQUEST_METHOD'] = 'GET';
    }

    protected function tearDown(): void
    {
        unlink($_SERVER['DOCUMENT_ROOT'] . '/bitrix/modules');
        DeleteDirFilesEx('');
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
            'GROUPS' => ['7', '8'], 'RIGHTS' => ['R', 'W'], 'SITES' => ['', ''],
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
        self::assertSame([7 => 'R', 8 => 'W'], $GLOBALS['savedRights']);
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
        Configuration::$values['posrednik.delivery'] = ['secrets' => [self::OTHER, 'whsec_секрет']];
        [, $html] = $this->page();
        self::assertStringContainsString('.settings.php', $html);
        self::assertStringContainsString(Settings::fingerprint(self::OTHER), $html);
        self::assertStringContainsString('не читается', $html);
        self::assertStringNotContainsString('whsec_секрет', $html);
    }

    public function testThePageOpensWithASecretThatCannotBeReadSoThatItCanBeMended(): void
    {
        \Site::set(['secret' => 'мусор', 'secret_old' => 'x', 'secret_old_until' => time() + 1000]);
        self::assertStringContainsString('не читается', $this->page()[1]);
        $this->page(self::sent(['secret_new' => self::OTHER]));
        self::assertSame(self::OTHER, Settings::load()->secret);
    }

    public function testWhatIsMissingOnTheSiteIsSaidAndMadeGoodBySaving(): void
    {
        self::assertStringNotContainsString('<error>', $this->page()[1]);
        $file = $_SERVER['DOCUMENT_ROOT'] . '/bitrix/tools/posrednik.delivery/webhook.php';
        unlink($file);
        \CAgent::$agents['posrednik.delivery'][0]['ACTIVE'] = 'N';
        [, $html] = $this->page();
        self::assertSame(2, substr_count($html, '<error>'));
        self::assertStringContainsString('webhook.php: события не принимаются', $html);
        $this->page(self::sent());
        self::assertFileExists($file);
        self::assertSame(['Y'], array_column(\CAgent::$agents['posrednik.delivery'], 'ACTIVE'));
        self::assertStringNotContainsString('<error>', $this->page()[1]);
    }

    public function testEventsThatNobodyWorksOffAreSaid(): void
    {
        $this->now = time() - 590;
        $this->take(self::body());
        self::assertStringNotContainsString('не выполняются', $this->page()[1]);
        $this->now = time() - 610;
        $this->take(self::body(2));
        self::assertStringContainsString('агенты сайта не выполняются', $this->page()[1]);
    }

    public function testARefusalIsShownInWords(): void
    {
        (new \Posrednik\Delivery\Storage())->refused('bad_signature', '', time());
        (new \Posrednik\Delivery\Storage())->refused('bad_field', 'data.delivery.id', time());
        [, $html] = $this->page();
        self::assertStringContainsString('секрет в настройках модуля другой', $html);
        self::assertStringContainsString('поле, которое не читается: data.delivery.id', $html);
        self::assertStringContainsString('>Отказано</a>: 2', $html);
        self::assertStringNotContainsString('name="repeat"', $html);
    }

    public function testAfterARepeatTheJournalIsShownAgain(): void
    {
        [$address] = $this->page(['repeat_all' => 'Y']);
        self::assertStringContainsString('posrednikDelivery_active_tab=journal', $address);
        $_GET['state'] = ['x' => ['y']];
        self::assertStringContainsString('Событий нет', $this->page()[1]);
        $GLOBALS['APPLICATION']->right = 'R';
        self::assertStringNotContainsString('repeat_all', $this->page()[1]);
    }

    public function testWhoMayOnlyLookRepeatsNothingWhateverHeSends(): void
    {
        \Site::order('1001', ['STATUS_ID' => 'F']);
        $this->now = time();
        $this->receive($skipped = self::body());
        $id = self::event($skipped)['EVENT_ID'];
        foreach ([['R', 'good'], ['D', 'good'], ['W', 'bad']] as [$right, $sessid]) {
            $GLOBALS['APPLICATION']->right = $right;
            $this->page(['repeat' => $id], $sessid);
            $this->page(['repeat_all' => 'Y'], $sessid);
            self::assertSame('skipped', self::event($skipped)['STATE'], $right);
        }
    }

    public function testOnlyPropertiesOfOrdersThatAreInUseAreOffered(): void
    {
        [, $html] = $this->page();
        self::assertStringContainsString('<option value="STATE"', $html);
        self::assertStringNotContainsString('ASIDE', $html);
        self::assertStringNotContainsString('RETIRED', $html);
    }
}

<?php

declare(strict_types=1);

namespace Posrednik\Delivery\Tests;

use Bitrix\Main\Application;
use Bitrix\Main\Config\Option;
use Bitrix\Main\EventManager;
use Bitrix\Main\Loader;
use Bitrix\Main\ModuleManager;
use PHPUnit\Framework\TestCase;
use Posrednik\Delivery\Agent;
use Posrednik\Delivery\DeliveryTable;
use Posrednik\Delivery\EventTable;
use Posrednik\Delivery\Journal;

final class InstallTest extends TestCase
{
    private string $root;

    protected function setUp(): void
    {
        Application::forget();
        require_once POSREDNIK_MODULE . '/install/index.php';
        $this->root = sys_get_temp_dir() . '/posrednik-site-' . bin2hex(random_bytes(6));
        mkdir($this->root . '/bitrix/tools/other', 0755, true);
        $_SERVER['DOCUMENT_ROOT'] = $this->root;
        [$GLOBALS['APPLICATION'], $GLOBALS['USER'], $GLOBALS['step']] = [new \CMain(), new \CUser(), null];
        [Loader::$absent, \CAgent::$agents, $_GET, $_POST, $_REQUEST] = [[], [], [], [], []];
    }

    protected function tearDown(): void
    {
        DeleteDirFilesEx('');
        [ModuleManager::$mainVersion, Loader::$absent, $_GET, $_REQUEST] = ['23.500.0', [], [], []];
    }

    private function printed(callable $work): string
    {
        ob_start();
        try {
            $work();
        } finally {
            $text = ob_get_clean();
        }
        return $text;
    }

    private function install(): \posrednik_delivery
    {
        $module = new \posrednik_delivery();
        $_REQUEST['sessid'] = 'good';
        $this->printed(static fn () => $module->DoInstall());
        return $module;
    }

    public function testTheModuleTellsWhatItIs(): void
    {
        $module = new \posrednik_delivery();
        self::assertSame('posrednik.delivery', $module->MODULE_ID);
        self::assertMatchesRegularExpression('/\A\d+\.\d+\.\d+\z/', $module->MODULE_VERSION);
        self::assertNotFalse(strtotime($module->MODULE_VERSION_DATE));
        self::assertNotSame('', (string)$module->MODULE_NAME . $module->MODULE_DESCRIPTION);
        self::assertSame(['D', 'R', 'W'], $module->GetModuleRightList()['reference_id']);
    }

    public function testInstallationMakesTablesEndpointAgentAndHandler(): void
    {
        $this->install();
        $connection = Application::getConnection();
        self::assertTrue($connection->isTableExists(EventTable::getTableName()));
        self::assertTrue($connection->isTableExists(DeliveryTable::getTableName()));
        self::assertTrue($connection->isIndexExists(EventTable::getTableName(), ['STATE', 'NEXT_AT']));
        self::assertFileExists($this->root . '/bitrix/tools/posrednik.delivery/webhook.php');
        self::assertSame([Agent::CALL], array_column(\CAgent::$agents['posrednik.delivery'], 'NAME'));
        self::assertTrue(ModuleManager::isModuleInstalled('posrednik.delivery'));
        $handler = 'main:OnEventLogGetAuditTypes:posrednik.delivery:Posrednik\Delivery\Journal:auditTypes';
        self::assertArrayHasKey($handler, EventManager::getInstance()->handlers);
        self::assertArrayHasKey('POSREDNIK_DELIVERY', Journal::auditTypes());
    }

    public function testInstallingTwiceKeepsOneAgentAndTheData(): void
    {
        $this->install();
        \Site::add(DeliveryTable::getTableName(), [
            'DELIVERY_ID' => 'x', 'VERSION' => 1, 'STAGE' => '', 'SITE_NUMBER' => '', 'CHANGED_AT' => 1,
        ]);
        $this->install();
        self::assertCount(1, \CAgent::$agents['posrednik.delivery']);
        self::assertSame(1, DeliveryTable::getCount());
    }

    /** @dataProvider lacks */
    public function testWhatTheSiteLacksIsSaidAndNothingIsInstalled(callable $break, string $about): void
    {
        $break();
        $module = new \posrednik_delivery();
        self::assertFalse($module->DoInstall());
        self::assertStringContainsString($about, $GLOBALS['APPLICATION']->exception);
        self::assertFalse(ModuleManager::isModuleInstalled('posrednik.delivery'));
        self::assertSame([], \CAgent::$agents);
    }

    public static function lacks(): iterable
    {
        yield [static fn () => ModuleManager::$mainVersion = '18.0.0', '20.0.0'];
        yield [static fn () => Loader::$absent = ['sale'], 'Интернет-магазин'];
    }

    public function testOnlyAnAdministratorInstallsAndRemoves(): void
    {
        $GLOBALS['USER']->isAdmin = false;
        self::assertFalse((new \posrednik_delivery())->DoInstall());
        self::assertFalse((new \posrednik_delivery())->DoUninstall());
        self::assertFalse(Application::getConnection()->isTableExists(EventTable::getTableName()));
    }

    public function testRemovingAsksFirstAndKeepsTheTablesUnlessToldOtherwise(): void
    {
        $module = $this->install();
        $form = $this->printed(static fn () => $module->DoUninstall());
        self::assertStringContainsString('name="savedata" value="Y" checked', $form);
        self::assertTrue(ModuleManager::isModuleInstalled('posrednik.delivery'));
        // Only in the request: new kernels make no variables of it.
        $_GET['step'] = '2';
        $_REQUEST['sessid'] = 'bad';
        self::assertFalse($module->DoUninstall());
        self::assertTrue(ModuleManager::isModuleInstalled('posrednik.delivery'));
        [$_REQUEST['sessid'], $_GET['savedata']] = ['good', 'Y'];
        Option::set('posrednik.delivery', 'secret', 'x');
        $this->printed(static fn () => $module->DoUninstall());
        self::assertFalse(ModuleManager::isModuleInstalled('posrednik.delivery'));
        self::assertTrue(Application::getConnection()->isTableExists(EventTable::getTableName()));
        self::assertSame('x', Option::get('posrednik.delivery', 'secret'));
        self::assertSame([], \CAgent::$agents);
        self::assertFileDoesNotExist($this->root . '/bitrix/tools/posrednik.delivery');
        self::assertDirectoryExists($this->root . '/bitrix/tools/other');
        $handler = 'main:OnEventLogGetAuditTypes:posrednik.delivery:Posrednik\Delivery\Journal:auditTypes';
        self::assertArrayNotHasKey($handler, EventManager::getInstance()->handlers);
    }

    public function testRemovingMayTakeTheTablesToo(): void
    {
        $module = $this->install();
        Option::set('posrednik.delivery', 'secret', 'x');
        $_POST['step'] = '2';
        $this->printed(static fn () => $module->DoUninstall());
        self::assertFalse(Application::getConnection()->isTableExists(EventTable::getTableName()));
        self::assertFalse(Application::getConnection()->isTableExists(DeliveryTable::getTableName()));
        self::assertSame('', Option::get('posrednik.delivery', 'secret'));
    }
}

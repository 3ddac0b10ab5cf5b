<?php

declare(strict_types=1);

use Bitrix\Main\Application;
use Bitrix\Main\Config\Option;
use Bitrix\Main\EventManager;
use Bitrix\Main\Loader;
use Bitrix\Main\Localization\Loc;
use Bitrix\Main\ModuleManager;
use Posrednik\Delivery\DeliveryTable;
use Posrednik\Delivery\EventTable;
use Posrednik\Delivery\Journal;
use Posrednik\Delivery\Setup;

Loc::loadMessages(__FILE__);

if (class_exists('posrednik_delivery')) {
    return;
}

/** Installs and removes the module. Removing keeps the tables unless the administrator wants them gone. */
class posrednik_delivery extends CModule
{
    private const LEAST_PHP = '8.1.0';
    // The first with Main\Application::addBackgroundJob and orders as objects of the kernel D7.
    private const LEAST_MAIN = '20.0.0';

    public $MODULE_ID = 'posrednik.delivery';
    public $MODULE_VERSION;
    public $MODULE_VERSION_DATE;
    public $MODULE_NAME;
    public $MODULE_DESCRIPTION;
    public $PARTNER_NAME = 'Posrednik';
    public $PARTNER_URI = '';
    public $MODULE_GROUP_RIGHTS = 'Y';

    public function __construct()
    {
        $arModuleVersion = [];
        include __DIR__ . '/version.php';
        $this->MODULE_VERSION = $arModuleVersion['VERSION'];
        $this->MODULE_VERSION_DATE = $arModuleVersion['VERSION_DATE'];
        $this->MODULE_NAME = Loc::getMessage('POSREDNIK_DELIVERY_MODULE_NAME');
        $this->MODULE_DESCRIPTION = Loc::getMessage('POSREDNIK_DELIVERY_MODULE_DESCRIPTION');
    }

    public function DoInstall()
    {
        global $APPLICATION, $USER;

        if (!$USER->IsAdmin()) {
            return false;
        }
        $missing = $this->missing();
        if ($missing !== null) {
            $APPLICATION->ThrowException(Loc::getMessage('POSREDNIK_DELIVERY_MISSING_' . $missing));
            return false;
        }
        if (!ModuleManager::isModuleInstalled($this->MODULE_ID)) {
            ModuleManager::registerModule($this->MODULE_ID);
        }
        $this->InstallDB();
        $this->InstallEvents();
        $this->InstallFiles();
        Setup::agent();
        $APPLICATION->IncludeAdminFile(Loc::getMessage('POSREDNIK_DELIVERY_INSTALLED'), __DIR__ . '/step.php');
        return true;
    }

    public function DoUninstall()
    {
        global $APPLICATION, $USER;

        if (!$USER->IsAdmin()) {
            return false;
        }
        // Not the global $step that old modules read: new kernels need not make variables of what was sent.
        $request = Application::getInstance()->getContext()->getRequest();
        if ((int)$request->get('step') < 2) {
            $APPLICATION->IncludeAdminFile(Loc::getMessage('POSREDNIK_DELIVERY_REMOVING'), __DIR__ . '/unstep1.php');
            return true;
        }
        if (!check_bitrix_sessid()) {
            return false;
        }
        $this->UnInstallAgents();
        $this->UnInstallFiles();
        $this->UnInstallEvents();
        $keeps = $request->get('savedata') === 'Y';
        $this->UnInstallDB(['savedata' => $keeps ? 'Y' : 'N']);
        ModuleManager::unRegisterModule($this->MODULE_ID);
        $APPLICATION->IncludeAdminFile(Loc::getMessage('POSREDNIK_DELIVERY_REMOVED'), __DIR__ . '/unstep2.php');
        return true;
    }

    public function InstallDB()
    {
        Loader::includeModule($this->MODULE_ID);
        Setup::tables();
        return true;
    }

    /** @param array{savedata?: string} $params */
    public function UnInstallDB($params = [])
    {
        if (($params['savedata'] ?? 'Y') === 'Y') {
            return true;
        }
        Loader::includeModule($this->MODULE_ID);
        $connection = Application::getConnection();
        foreach ([EventTable::class, DeliveryTable::class] as $table) {
            if ($connection->isTableExists($table::getTableName())) {
                $connection->dropTable($table::getTableName());
            }
        }
        Option::delete($this->MODULE_ID);
        return true;
    }

    public function InstallEvents()
    {
        EventManager::getInstance()->registerEventHandler(
            'main',
            'OnEventLogGetAuditTypes',
            $this->MODULE_ID,
            Journal::class,
            'auditTypes'
        );
        return true;
    }

    public function UnInstallEvents()
    {
        EventManager::getInstance()->unRegisterEventHandler(
            'main',
            'OnEventLogGetAuditTypes',
            $this->MODULE_ID,
            Journal::class,
            'auditTypes'
        );
        return true;
    }

    public function InstallFiles()
    {
        Setup::files();
        return true;
    }

    public function UnInstallFiles()
    {
        DeleteDirFilesEx('/bitrix/tools/' . $this->MODULE_ID);
        return true;
    }

    public function UnInstallAgents()
    {
        CAgent::RemoveModuleAgents($this->MODULE_ID);
        CAdminNotify::DeleteByModule($this->MODULE_ID);
        return true;
    }

    /** @return array{reference_id: list<string>, reference: list<string>} */
    public function GetModuleRightList()
    {
        $letters = ['D', 'R', 'W'];
        return [
            'reference_id' => $letters,
            'reference' => array_map(static fn (string $letter): string => '[' . $letter . '] '
                . Loc::getMessage('POSREDNIK_DELIVERY_RIGHT_' . $letter), $letters),
        ];
    }

    /** What the site lacks: a code of the texts; null = nothing. */
    private function missing(): ?string
    {
        return match (true) {
            version_compare(PHP_VERSION, self::LEAST_PHP, '<') => 'PHP',
            !extension_loaded('mbstring') || !extension_loaded('hash') => 'EXTENSION',
            version_compare((string)ModuleManager::getVersion('main'), self::LEAST_MAIN, '<') => 'MAIN',
            !Loader::includeModule('sale') => 'SALE',
            defined('LANG_CHARSET') && strtoupper(LANG_CHARSET) !== 'UTF-8' => 'CHARSET',
            default => null,
        };
    }
}

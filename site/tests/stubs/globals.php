<?php

// Functions and classes of the kernel that have no namespace.

declare(strict_types=1);

use Bitrix\Main\Application;

function htmlspecialcharsbx($text)
{
    return htmlspecialchars((string)$text, ENT_COMPAT | ENT_SUBSTITUTE, 'UTF-8');
}

function check_bitrix_sessid()
{
    return ($_REQUEST['sessid'] ?? '') === 'good';
}

function bitrix_sessid_post()
{
    return '<input type="hidden" name="sessid" value="good">';
}

final class Redirected extends Exception
{
}

function LocalRedirect($address)
{
    throw new Redirected($address);
}

/** The tests write into folders of their own only. */
function inOwnFolder(string $path): string
{
    $own = [sys_get_temp_dir() . '/', (string)getenv('DOCUMENT_ROOT') ?: sys_get_temp_dir()];
    foreach ($own as $folder) {
        if (strlen($folder) > 1 && str_starts_with($path, $folder) && !str_contains($path, '..')) {
            return $path;
        }
    }
    throw new LogicException('not of the tests: ' . $path);
}

function CopyDirFiles($from, $to, $rewrite = true, $recursive = false)
{
    inOwnFolder($to);
    @mkdir($to, 0755, true);
    foreach (array_diff(scandir($from), ['.', '..']) as $name) {
        is_dir("$from/$name")
            ? CopyDirFiles("$from/$name", "$to/$name", $rewrite, $recursive)
            : copy("$from/$name", "$to/$name");
    }
    return true;
}

function DeleteDirFilesEx($path)
{
    $delete = static function (string $path) use (&$delete): void {
        foreach (is_dir($path) ? array_diff(scandir($path), ['.', '..']) : [] as $name) {
            is_dir("$path/$name") ? $delete("$path/$name") : unlink("$path/$name");
        }
        is_dir($path) && rmdir($path);
    };
    $delete(inOwnFolder($_SERVER['DOCUMENT_ROOT'] . $path));
    return true;
}

class CModule
{
}

class CUser
{
    public bool $isAdmin = true;

    public function IsAdmin()
    {
        return $this->isAdmin;
    }
}

class CMain
{
    public string $right = 'W';
    public string $exception = '';
    public string $title = '';

    public function GetGroupRight($module)
    {
        return $this->right;
    }

    public function GetCurPage()
    {
        return '/bitrix/admin/settings.php';
    }

    public function ThrowException($message)
    {
        $this->exception = (string)$message;
    }

    public function IncludeAdminFile($title, $file)
    {
        $this->title = (string)$title;
        include $file;
    }
}

class CAgent
{
    /** Rows by module. */
    public static array $agents = [];

    public static function AddAgent(
        $name,
        $module = '',
        $period = 'N',
        $interval = 86400,
        $datecheck = '',
        $active = 'Y',
        $next_exec = '',
        $sort = 100,
        $user_id = false,
        $existError = true
    ) {
        if (!in_array($period, ['Y', 'N'], true) || !in_array($active, ['Y', 'N'], true) || (int)$interval < 1) {
            return false;
        }
        if (in_array($name, array_column(self::$agents[$module] ?? [], 'NAME'), true)) {
            return false;
        }
        self::$agents[$module][] = ['NAME' => $name, 'ACTIVE' => $active, 'AGENT_INTERVAL' => $interval, 'IS_PERIOD' => $period];
        return 1;
    }

    public static function GetList($arOrder = ['ID' => 'DESC'], $arFilter = [])
    {
        if (array_diff(array_keys($arFilter), ['MODULE_ID', 'NAME', '=NAME', 'ACTIVE']) !== []) {
            throw new LogicException('a filter the kernel does not know is left out by it');
        }
        return new class (self::$agents[$arFilter['MODULE_ID']] ?? []) {
            public function __construct(private array $rows)
            {
            }

            public function Fetch()
            {
                return array_shift($this->rows) ?? false;
            }
        };
    }

    public static function RemoveModuleAgents($module)
    {
        unset(self::$agents[$module]);
    }
}

class CEventLog
{
    public static array $entries = [];

    public static function Add($fields)
    {
        // What is not known is written as UNKNOWN by the kernel, or not at all.
        if (!in_array($fields['SEVERITY'], ['SECURITY', 'ERROR', 'WARNING', 'INFO', 'DEBUG'], true)) {
            throw new LogicException('severity');
        }
        if (array_diff(array_keys($fields), ['SEVERITY', 'AUDIT_TYPE_ID', 'MODULE_ID', 'ITEM_ID', 'DESCRIPTION', 'SITE_ID']) !== []) {
            throw new LogicException('fields');
        }
        self::$entries[] = $fields;
    }
}

class CAdminNotify
{
    public const TYPE_NORMAL = 'M';
    public const TYPE_ERROR = 'E';
    public static array $notices = [];

    public static function Add($fields)
    {
        foreach (['MODULE_ID', 'TAG', 'MESSAGE'] as $name) {
            if (trim($fields[$name]) === '') {
                throw new LogicException('the kernel does not take a notice without ' . $name);
            }
        }
        self::$notices[$fields['TAG']] = $fields;
    }

    public static function DeleteByModule($moduleId)
    {
        self::$notices = [];
    }
}

class CAdminMessage
{
    public static function ShowMessage($text)
    {
        echo '<error>' . htmlspecialcharsbx($text) . '</error>';
    }

    public static function ShowNote($text)
    {
        echo '<note>' . htmlspecialcharsbx($text) . '</note>';
    }
}

class CAdminTabControl
{
    public function __construct(string $name, private array $tabs)
    {
        foreach ($tabs as $tab) {
            if (array_diff(['DIV', 'TAB', 'TITLE'], array_keys($tab)) !== []) {
                throw new LogicException('tab');
            }
        }
    }

    public function Begin()
    {
    }

    public function BeginNextTab()
    {
        $tab = array_shift($this->tabs);
        echo '<h2>' . htmlspecialcharsbx($tab['TITLE']) . '</h2>';
    }

    public function Buttons()
    {
    }

    public function End()
    {
    }
}

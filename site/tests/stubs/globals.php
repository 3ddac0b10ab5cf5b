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

function CopyDirFiles($from, $to, $rewrite = true, $recursive = false)
{
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
    $delete($_SERVER['DOCUMENT_ROOT'] . $path);
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
    /** Calls by module. */
    public static array $agents = [];

    public static function AddAgent($call, $module = '', $period = 'N', $interval = 86400)
    {
        self::$agents[$module][] = $call;
        return 1;
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
        self::$entries[] = $fields;
    }
}

class CAdminNotify
{
    public const TYPE_ERROR = 'E';
    public static array $notices = [];

    public static function Add($fields)
    {
        self::$notices[$fields['TAG']] = $fields;
    }

    public static function DeleteByModule($module)
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

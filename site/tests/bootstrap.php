<?php

declare(strict_types=1);

define('POSREDNIK_SITE', dirname(__DIR__));
define('POSREDNIK_MODULE', POSREDNIK_SITE . '/local/modules/posrednik.delivery');
define('LANGUAGE_ID', 'ru');
date_default_timezone_set('Europe/Moscow');

foreach (['main', 'orm', 'sale', 'globals', 'site'] as $stub) {
    require_once __DIR__ . '/stubs/' . $stub . '.php';
}
$GLOBALS['APPLICATION'] = new CMain();
$GLOBALS['USER'] = new CUser();

// As the kernel does it: names of files in lower case.
spl_autoload_register(static function (string $class): void {
    foreach (['Posrednik\\Delivery\\Tests\\' => __DIR__ . '/', 'Posrednik\\Delivery\\' => null] as $prefix => $folder) {
        if (str_starts_with($class, $prefix)) {
            $name = strtr(substr($class, strlen($prefix)), '\\', '/');
            $path = $folder === null ? POSREDNIK_MODULE . '/lib/' . strtolower($name) . '.php' : $folder . $name . '.php';
            is_file($path) && require_once $path;
            return;
        }
    }
});

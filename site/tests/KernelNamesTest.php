<?php

declare(strict_types=1);

namespace Posrednik\Delivery\Tests;

use PHPUnit\Framework\TestCase;

/**
 * Every name of the kernel that the module uses stands in the stubs. These hold only names that the kernels 20.200, 21.400
 * and 25.550 have; what a test needs besides is in lower case below.
 */
final class KernelNamesTest extends TestCase
{
    private const FUNCTIONS = [
        'htmlspecialcharsbx', 'check_bitrix_sessid', 'bitrix_sessid_post', 'LocalRedirect', 'CopyDirFiles', 'DeleteDirFilesEx',
    ];
    private const WORDS = [
        'array', 'isset', 'match', 'if', 'foreach', 'while', 'fn', 'function', 'catch', 'unset', 'exit', 'empty', 'return', 'and',
        'or', 'for', 'switch', 'require', 'declare', 'use', 'SensitiveParameter',
    ];

    /** @return array<string, string> path => text without comments */
    private static function sources(): array
    {
        $texts = [];
        $files = new \RecursiveIteratorIterator(new \RecursiveDirectoryIterator(POSREDNIK_MODULE, \FilesystemIterator::SKIP_DOTS));
        foreach ($files as $file) {
            if (!str_contains((string)$file, '/lang/')) {
                $texts[(string)$file] = php_strip_whitespace((string)$file);
            }
        }
        return $texts;
    }

    public function testEveryClassIsThere(): void
    {
        $seen = 0;
        foreach (self::sources() as $path => $text) {
            preg_match_all('/\buse (Bitrix\\\\[\w\\\\]+);/', $text, $used);
            preg_match_all('/\\\\(Bitrix\\\\[\w\\\\]+)::/', $text, $named);
            foreach ([...$used[1], ...$named[1]] as $class) {
                self::assertTrue(class_exists($class), "$class in $path");
                $seen++;
            }
        }
        self::assertGreaterThan(30, $seen);
    }

    public function testEveryStaticCallAndConstantOfTheKernelIsThere(): void
    {
        $seen = 0;
        foreach (self::sources() as $path => $text) {
            preg_match_all('/\buse (Bitrix\\\\[\w\\\\]+);/', $text, $used);
            $short = array_combine(array_map(static fn ($one) => substr(strrchr($one, '\\'), 1), $used[1]), $used[1]);
            preg_match_all('/\\\\?\b([A-Z]\w+)::(\w+)(\()?/', $text, $calls, PREG_SET_ORDER);
            foreach ($calls as $found) {
                [, $class, $name] = $found;
                $whole = $short[$class] ?? (str_starts_with($class, 'C') && ctype_upper($class[1] ?? '') ? $class : null);
                if ($whole === null || $name === 'class') {
                    continue;
                }
                $isThere = isset($found[3]) ? method_exists($whole, $name) : defined("$whole::$name");
                self::assertTrue($isThere, "$whole::$name in $path");
                $seen++;
            }
        }
        self::assertGreaterThan(40, $seen);
    }

    public function testOnlyKnownFunctionsOfTheKernelAreCalled(): void
    {
        foreach (self::sources() as $path => $text) {
            $code = preg_replace("/'(?:[^'\\\\]|\\\\.)*'/", "''", $text);
            preg_match_all('/(?<![\w>:\\\\$])(?<!function )(?<!new )([A-Za-z_]\w+)\(/', $code, $calls);
            foreach (array_unique($calls[1]) as $name) {
                $isPhp = function_exists($name) && (new \ReflectionFunction($name))->isInternal();
                $isWord = in_array($name, self::WORDS, true);
                self::assertTrue($isPhp || $isWord || in_array($name, self::FUNCTIONS, true), "$name() in $path");
            }
        }
    }
}

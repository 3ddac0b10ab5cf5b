<?php

declare(strict_types=1);

namespace Posrednik\Delivery\Tests;

use PHPUnit\Framework\TestCase;
use Posrednik\Delivery\EventTable;
use Posrednik\Delivery\Mapping;
use Posrednik\Delivery\Texts;

final class LangTest extends TestCase
{
    /** @return array<string, string> */
    private static function messages(string $language, string $file): array
    {
        $MESS = [];
        include POSREDNIK_MODULE . "/lang/$language/$file";
        return $MESS;
    }

    public function testBothLanguagesHaveTheSameTexts(): void
    {
        foreach (['install/index.php', 'lib/answer.php', 'lib/texts.php'] as $file) {
            [$russian, $english] = [self::messages('ru', $file), self::messages('en', $file)];
            self::assertSame(array_keys($russian), array_keys($english), $file);
            foreach ($english as $code => $text) {
                self::assertSame(0, preg_match('/[а-яё]/iu', $text), $code);
                self::assertSame($text === '', $russian[$code] === '', $code);
            }
        }
    }

    public function testEveryCodeThatTheModuleUsesHasAText(): void
    {
        $used = [];
        $files = new \RecursiveIteratorIterator(new \RecursiveDirectoryIterator(POSREDNIK_MODULE . '/lib'));
        foreach ([...iterator_to_array($files), POSREDNIK_MODULE . '/options.php'] as $file) {
            if (is_file((string)$file)) {
                $text = file_get_contents((string)$file);
                preg_match_all("/Texts::text\('(\w+)', '(\w+)'\)/", $text, $named, PREG_SET_ORDER);
                preg_match_all("/(?:label|row|heading)\('(\w+)'/", $text, $labels);
                preg_match_all("/Outcome::\w+\('(\w+)'/", $text, $reasons);
                preg_match_all("/left\['(\w+)'\]|=> '((?:property|status|value|field)_\w+)'|\? null : '(\w+)'/", $text, $left);
                foreach ($named as [, $kind, $code]) {
                    $used[] = "{$kind}_$code";
                }
                $used = [...$used, ...array_map(static fn ($one) => "OPTION_$one", $labels[1])];
                $whys = array_filter([...$reasons[1], ...$left[1], ...$left[2], ...$left[3]]);
                $used = [...$used, ...array_map(static fn ($one) => "WHY_$one", $whys)];
            }
        }
        self::assertGreaterThan(40, count($used));
        $there = self::messages('ru', 'lib/texts.php');
        foreach (array_diff(array_unique($used), ['OPTION_head_']) as $code) {
            self::assertArrayHasKey('POSREDNIK_DELIVERY_' . strtoupper($code), $there);
        }
    }

    public function testStagesFieldsAndStatesHaveNames(): void
    {
        self::assertNotContains('', [...Texts::stages(), ...Texts::fields(), ...Texts::states(), ...Texts::reasons()]);
        self::assertSame(EventTable::STATES, array_keys(Texts::states()));
        self::assertSame(Mapping::STAGES, array_keys(Texts::stages()));
    }

    public function testWhatTheModuleItselfFoundWrongIsSaidInWordsAndTheRestStays(): void
    {
        self::assertSame('не получилось: заказ удалили в это же время', Texts::why('failed', 'order_gone'));
        self::assertSame('магазин не записал значение: STATE: нет места', Texts::failure('not_saved STATE: нет места'));
        self::assertSame('Заказ заблокирован', Texts::failure('Заказ заблокирован'));
        foreach (glob(POSREDNIK_MODULE . '/lib/*.php') as $file) {
            preg_match_all("/new \\\\RuntimeException\('(\w+)/", file_get_contents($file), $codes);
            foreach ($codes[1] as $code) {
                self::assertNotSame($code, Texts::failure($code), "$code in $file");
            }
        }
    }

    public function testAnUnknownReasonIsShownByItsCode(): void
    {
        self::assertSame('of_tomorrow: x', Texts::why('of_tomorrow', 'x'));
    }
}

<?php

declare(strict_types=1);

namespace Posrednik\Delivery;

use Bitrix\Main\Localization\Loc;

/** Texts of lang/<language>/lib/texts.php by the codes that the database and the settings hold. */
final class Texts
{
    private const FAILURES = ['order_gone', 'order_changed', 'not_saved', 'killed'];

    /**
     * @param string|null $language null = of who looks
     * @return array<string, string> stage => its name
     */
    public static function stages(?string $language = null): array
    {
        return self::named('STAGE', Mapping::STAGES, $language);
    }

    /** @return array<string, string> code of a reason => the same in words */
    public static function reasons(?string $language = null): array
    {
        return self::named('REASON', Mapping::REASONS, $language);
    }

    /** @return array<string, string> field of an event => its name */
    public static function fields(): array
    {
        return self::named('FIELD', Mapping::FIELDS);
    }

    /** @return array<string, string> state of an event => its name */
    public static function states(): array
    {
        return self::named('STATE', EventTable::STATES);
    }

    /** What the module itself found wrong in a try; anything else are words of the shop or the database already. */
    public static function failure(string $message): string
    {
        [$code, $rest] = explode(' ', $message, 2) + ['', ''];
        return in_array($code, self::FAILURES, true) ? trim(self::text('WHY', $code) . ' ' . $rest) : $message;
    }

    /** Why an event ended as it did, for a person; an unknown code (of a newer version) stays as it is. */
    public static function why(string $code, string $detail): string
    {
        if ($code === '') {
            return '';
        }
        $detail = in_array($code, ['failed', Worker::OPEN], true) ? self::failure($detail) : $detail;
        $text = self::text('WHY', $code) ?: $code;
        return $detail === '' ? $text : $text . ': ' . $detail;
    }

    public static function text(string $kind, string $code, ?string $language = null): string
    {
        Loc::loadMessages(__FILE__);
        return (string)Loc::getMessage('POSREDNIK_DELIVERY_' . $kind . '_' . strtoupper($code), null, $language);
    }

    /**
     * @param list<string> $codes
     * @return array<string, string>
     */
    private static function named(string $kind, array $codes, ?string $language = null): array
    {
        $names = [];
        foreach ($codes as $code) {
            $names[$code] = self::text($kind, $code, $language);
        }
        return $names;
    }
}

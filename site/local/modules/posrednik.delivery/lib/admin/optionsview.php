<?php

declare(strict_types=1);

namespace Posrednik\Delivery\Admin;

use Posrednik\Delivery\Answer;
use Posrednik\Delivery\EventTable;
use Posrednik\Delivery\Mapping;
use Posrednik\Delivery\Settings;
use Posrednik\Delivery\Shop;
use Posrednik\Delivery\Storage;
use Posrednik\Delivery\Texts;

/** The settings page as HTML. What is not a constant of ours goes through escape(). Secrets are never shown. */
final class OptionsView
{
    private const MOST_EVENTS = 50;
    private const MOMENT = 'd.m.Y H:i:s';

    public function __construct(
        private readonly Settings $settings,
        private readonly string $language,
        private readonly string $host,
        private readonly string $address,
        private readonly int $now,
    ) {
    }

    public function connection(): string
    {
        $url = 'https://' . $this->host . '/bitrix/tools/' . Settings::MODULE . '/webhook.php';
        $old = $this->now < $this->settings->oldSecretUntil && $this->settings->oldSecret !== '';
        return self::row('url', '<code>' . self::escape($url) . '</code>')
            . self::row('active', self::check('active', $this->settings->isActive))
            . self::row('secret', self::escape($this->secretState()))
            . self::row('secret_new', '<input type="password" name="secret_new" size="50" autocomplete="new-password">')
            . ($old ? self::row('secret_old', self::escape($this->oldState()) . ' '
                . self::check('secret_forget', false) . ' ' . self::label('secret_forget')) : '')
            . self::row('background', self::check('background', $this->settings->isBackground))
            . self::row('keep_days', self::number('keep_days', $this->settings->keepDays));
    }

    public function order(): string
    {
        $tracking = array_combine(Mapping::TRACKING, [
            self::label('tracking_none'), self::label('tracking_number'), self::label('tracking_delivery'),
        ]);
        $keys = array_combine(Settings::ORDER_KEYS, [self::label('key_account_number'), self::label('key_id')]);
        $shipmentStatuses = Shop::shipmentStatuses($this->language);
        $orderStatuses = Shop::orderStatuses($this->language);
        return self::row('order_key', self::select('order_key', $keys, $this->settings->orderKey, false))
            . self::row('tracking', self::select('tracking', $tracking, $this->settings->tracking, false))
            . self::row('mail', self::check('mail', $this->settings->sendsMail))
            . self::heading('shipment_statuses')
            . self::table('shipment_statuses', Texts::stages(), $shipmentStatuses, $this->settings->shipmentStatuses)
            . self::heading('properties')
            . self::table('properties', Texts::fields(), Shop::properties(), $this->settings->properties)
            . self::heading('order_statuses')
            . self::row('may_change_order', self::check('may_change_order', $this->settings->mayChangeOrder))
            . self::table('order_statuses', Texts::stages(), $orderStatuses, $this->settings->orderStatuses);
    }

    /** @param string $state one of EventTable::STATES, or empty for all */
    public function journal(Storage $storage, string $state, bool $mayWrite): string
    {
        $rows = array_map(
            fn (array $row): string => $this->event($row, $mayWrite),
            $storage->recent($state, self::MOST_EVENTS)
        );
        $heads = ['when', 'type', 'order', 'version', 'state', 'why', 'repeat'];
        $head = implode('', array_map(static fn (string $one): string => '<th>' . self::label('head_' . $one)
            . '</th>', $heads));
        $body = $rows === [] ? '<tr><td colspan="7">' . self::label('no_events') . '</td></tr>' : implode('', $rows);
        $all = $mayWrite
            ? ' <button type="submit" name="repeat_all" value="Y">' . self::label('repeat_all') . '</button>'
            : '';
        return '<tr><td colspan="2"><p>' . $this->counts($storage) . $all . '</p><table class="internal" width="100%">'
            . '<tr class="heading">' . $head . '</tr>' . $body . '</table></td></tr>';
    }

    public static function escape(string $text): string
    {
        return htmlspecialcharsbx($text);
    }

    private function counts(Storage $storage): string
    {
        $counts = $storage->counts();
        $told = array_map(
            fn (string $state, string $name): string => '<a href="' . self::escape($this->address . '&state=' . $state)
                . '">' . self::escape($name) . '</a>: ' . $counts[$state],
            array_keys(Texts::states()),
            Texts::states()
        );
        return implode(' · ', $told);
    }

    /** @param array<string, mixed> $row */
    private function event(array $row, bool $mayWrite): string
    {
        $button = $mayWrite && Storage::isOpen($row)
            ? '<button type="submit" name="repeat" value="' . self::escape((string)$row['EVENT_ID']) . '">'
                . self::label('repeat') . '</button>'
            : '';
        $cells = [
            self::escape(date(self::MOMENT, (int)$row['RECEIVED_AT'])),
            self::escape($row['TYPE'] . ($row['STAGE'] === '' ? '' : ': ' . $this->stage((string)$row['STAGE']))),
            self::escape((string)$row['SITE_NUMBER']),
            $row['STATE'] === EventTable::REFUSED ? '' : (string)(int)$row['VERSION'],
            self::escape(Texts::states()[$row['STATE']] ?? (string)$row['STATE']),
            self::escape($this->why($row)),
            $button,
        ];
        return '<tr><td>' . implode('</td><td>', $cells) . '</td></tr>';
    }

    /** @param array<string, mixed> $row */
    private function why(array $row): string
    {
        if ($row['STATE'] === EventTable::REFUSED) {
            $about = $row['DETAIL'] === '' ? '' : ': ' . $row['DETAIL'];
            return Answer::message((string)$row['WHY']) . $about;
        }
        $why = Texts::why((string)$row['WHY'], (string)$row['DETAIL']);
        if ($row['STATE'] !== EventTable::NEW || (int)$row['ATTEMPT'] === 0) {
            return $why;
        }
        $next = str_replace(
            ['#TRY#', '#AT#'],
            [(string)(int)$row['ATTEMPT'], date(self::MOMENT, (int)$row['NEXT_AT'])],
            self::label('next_try')
        );
        return $why === '' ? $next : $why . '. ' . $next;
    }

    private function stage(string $code): string
    {
        return Texts::stages()[$code] ?? $code;
    }

    private function secretState(): string
    {
        if ($this->settings->configured !== []) {
            $prints = array_map(self::fingerprint(...), $this->settings->configured);
            return self::text('secret_configured') . ' ' . implode(', ', $prints);
        }
        return $this->settings->secret === ''
            ? self::text('secret_none')
            : self::text('secret_set') . ' ' . self::fingerprint($this->settings->secret);
    }

    private static function fingerprint(#[\SensitiveParameter] string $secret): string
    {
        return Settings::fingerprint($secret) ?: self::text('secret_unreadable');
    }

    private function oldState(): string
    {
        return self::text('secret_until') . ' ' . date(self::MOMENT, $this->settings->oldSecretUntil) . ', '
            . self::text('secret_set') . ' ' . self::fingerprint($this->settings->oldSecret);
    }

    /**
     * @param array<string, string> $rows
     * @param array<string, string> $offered
     * @param array<string, string> $chosen
     */
    private static function table(string $name, array $rows, array $offered, array $chosen): string
    {
        $html = '';
        foreach ($rows as $key => $title) {
            $options = [];
            foreach ($offered as $value => $text) {
                $options[(string)$value] = '[' . $value . '] ' . $text;
            }
            $html .= '<tr><td width="40%">' . self::escape($title) . '</td><td>'
                . self::select($name . '[' . $key . ']', $options, $chosen[$key] ?? '', true) . '</td></tr>';
        }
        return $html;
    }

    private static function row(string $label, string $html): string
    {
        return '<tr><td width="40%">' . self::label($label) . '</td><td>' . $html . '</td></tr>';
    }

    private static function heading(string $label): string
    {
        return '<tr class="heading"><td colspan="2">' . self::label($label) . '</td></tr>';
    }

    private static function label(string $code): string
    {
        return self::escape(self::text($code));
    }

    private static function text(string $code): string
    {
        return Texts::text('OPTION', $code);
    }

    private static function check(string $name, bool $isOn): string
    {
        return '<input type="checkbox" name="' . $name . '" value="Y"' . ($isOn ? ' checked' : '') . '>';
    }

    private static function number(string $name, int $value): string
    {
        return '<input type="text" size="5" name="' . $name . '" value="' . $value . '">';
    }

    /** @param array<string, string> $options */
    private static function select(string $name, array $options, string $chosen, bool $maybeNone): string
    {
        $html = $maybeNone ? '<option value="">' . self::label('nothing') . '</option>' : '';
        foreach ($options as $value => $text) {
            $html .= '<option value="' . self::escape((string)$value) . '"'
                . ((string)$value === $chosen ? ' selected' : '') . '>'
                // Labels are escaped already, names of statuses are not.
                . ($maybeNone ? self::escape($text) : $text) . '</option>';
        }
        return '<select name="' . self::escape($name) . '">' . $html . '</select>';
    }
}

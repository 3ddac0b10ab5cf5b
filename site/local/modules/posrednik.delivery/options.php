<?php

declare(strict_types=1);

use Bitrix\Main\Application;
use Bitrix\Main\Loader;
use Posrednik\Delivery\Admin\OptionsForm;
use Posrednik\Delivery\Admin\OptionsView;
use Posrednik\Delivery\Settings;
use Posrednik\Delivery\Setup;
use Posrednik\Delivery\Storage;
use Posrednik\Delivery\Texts;

/** @global CMain $APPLICATION */
global $APPLICATION;

$module_id = 'posrednik.delivery';
$right = $APPLICATION->GetGroupRight($module_id);
if ($right < 'R' || !Loader::includeModule($module_id)) {
    return;
}
if (!Loader::includeModule('sale')) {
    CAdminMessage::ShowMessage(Texts::text('ERROR', 'no_sale'));
    return;
}

$request = Application::getInstance()->getContext()->getRequest();
$mayWrite = $right >= 'W';
$address = $APPLICATION->GetCurPage() . '?mid=' . urlencode($module_id) . '&lang=' . urlencode(LANGUAGE_ID);
$toJournal = $address . '&posrednikDelivery_active_tab=journal';
$errors = [];

if ($request->isPost() && $mayWrite && check_bitrix_sessid()) {
    $sent = $request->getPostList()->toArray();
    if (is_string($sent['repeat'] ?? null) && $sent['repeat'] !== '') {
        (new Storage())->again($sent['repeat'], time());
        LocalRedirect($toJournal);
    }
    if (isset($sent['repeat_all'])) {
        (new Storage())->againAll(time());
        LocalRedirect($toJournal);
    }
    Setup::make();
    $errors = OptionsForm::save($sent, LANGUAGE_ID, time());
    // The kernel's own tab of rights saves itself when it is included with these variables set.
    $Update = 'Y';
    [$GROUPS, $RIGHTS, $SITES] = array_map(
        static fn (string $name): array => is_array($sent[$name] ?? null) ? $sent[$name] : [],
        ['GROUPS', 'RIGHTS', 'SITES']
    );
    ob_start();
    require $_SERVER['DOCUMENT_ROOT'] . '/bitrix/modules/main/admin/group_rights.php';
    ob_end_clean();
    if ($errors === []) {
        LocalRedirect($address);
    }
}

$late = (new Storage())->overdue(time()) > 0 ? ['overdue'] : [];
foreach ([...$errors, ...Setup::missing(), ...$late] as $error) {
    CAdminMessage::ShowMessage(Texts::text('ERROR', $error));
}

$view = new OptionsView(Settings::load(), LANGUAGE_ID, (string)$request->getHttpHost(), $toJournal, time());
$state = $request->getQuery('state');
$tabs = [];
foreach (['connection', 'order', 'journal', 'rights'] as $tab) {
    $tabs[] = ['DIV' => $tab, 'TAB' => Texts::text('TAB', $tab), 'TITLE' => Texts::text('TAB', $tab . '_title')];
}
$tabControl = new CAdminTabControl('posrednikDelivery', $tabs);

$tabControl->Begin();
echo '<form method="post" action="' . OptionsView::escape($address) . '">' . bitrix_sessid_post()
    // Enter in a field presses the first button of a form; without this one it would be «Повторить» of the journal.
    . '<input type="submit" name="save" value="Y" hidden>';
$tabControl->BeginNextTab();
echo $view->connection();
$tabControl->BeginNextTab();
echo $view->order();
$tabControl->BeginNextTab();
echo $view->journal(new Storage(), is_string($state) ? $state : '', $mayWrite);
$tabControl->BeginNextTab();
require $_SERVER['DOCUMENT_ROOT'] . '/bitrix/modules/main/admin/group_rights.php';
$tabControl->Buttons();
echo '<input type="submit" name="save" class="adm-btn-save" value="'
    . OptionsView::escape(Texts::text('OPTION', 'save')) . '"' . ($mayWrite ? '' : ' disabled') . '>';
$tabControl->End();
echo '</form>';

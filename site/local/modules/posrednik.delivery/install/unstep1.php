<?php

declare(strict_types=1);

use Bitrix\Main\Localization\Loc;

global $APPLICATION;

?>
<form action="<?= htmlspecialcharsbx($APPLICATION->GetCurPage()) ?>" method="post">
<?= bitrix_sessid_post() ?>
<input type="hidden" name="lang" value="<?= htmlspecialcharsbx(LANGUAGE_ID) ?>">
<input type="hidden" name="id" value="posrednik.delivery">
<input type="hidden" name="uninstall" value="Y">
<input type="hidden" name="step" value="2">
<p><?= htmlspecialcharsbx(Loc::getMessage('POSREDNIK_DELIVERY_REMOVE_HINT')) ?></p>
<p><label><input type="checkbox" name="savedata" value="Y" checked>
<?= htmlspecialcharsbx(Loc::getMessage('POSREDNIK_DELIVERY_KEEP_TABLES')) ?></label></p>
<input type="submit" value="<?= htmlspecialcharsbx(Loc::getMessage('POSREDNIK_DELIVERY_REMOVE')) ?>">
</form>

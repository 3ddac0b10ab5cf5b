<?php

declare(strict_types=1);

use Bitrix\Main\Localization\Loc;
use Posrednik\Delivery\Setup;
use Posrednik\Delivery\Texts;

if (!check_bitrix_sessid()) {
    return;
}

foreach (Setup::missing() as $missing) {
    CAdminMessage::ShowMessage(Texts::text('ERROR', $missing));
}
CAdminMessage::ShowNote(Loc::getMessage('POSREDNIK_DELIVERY_INSTALLED'));
$address = '/bitrix/admin/settings.php?mid=posrednik.delivery&lang=' . urlencode(LANGUAGE_ID);
echo '<p><a href="' . htmlspecialcharsbx($address) . '">'
    . htmlspecialcharsbx(Loc::getMessage('POSREDNIK_DELIVERY_TO_SETTINGS')) . '</a></p>';

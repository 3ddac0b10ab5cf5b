<?php

declare(strict_types=1);

use Bitrix\Main\Localization\Loc;

if (!check_bitrix_sessid()) {
    return;
}

CAdminMessage::ShowNote(Loc::getMessage('POSREDNIK_DELIVERY_REMOVED'));

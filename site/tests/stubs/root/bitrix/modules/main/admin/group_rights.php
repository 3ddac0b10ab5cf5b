<?php

// The kernel's tab of rights: shows itself, and saves what is in $GROUPS and $RIGHTS when $Update is set. Where these come
// from is not its business; old kernels make variables of everything that was sent, new ones need not.

$MODULE_RIGHT = $APPLICATION->GetGroupRight($module_id);
if ($MODULE_RIGHT != 'D') {
    if ($_SERVER['REQUEST_METHOD'] == 'POST' && isset($Update) && $Update != '' && $MODULE_RIGHT == 'W' && check_bitrix_sessid()) {
        $GLOBALS['savedRights'] = [];
        foreach ($GROUPS ?? [] as $place => $group) {
            $GLOBALS['savedRights'][$group] = $RIGHTS[$place];
        }
    }
    echo '<tr><td>rights of ' . $module_id . '</td></tr>';
}

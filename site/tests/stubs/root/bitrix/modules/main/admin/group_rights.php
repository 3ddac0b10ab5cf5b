<?php

// The kernel's tab of rights: shows itself, and saves when $Update is set.

echo '<p>rights of ' . $module_id . '</p>';
if (isset($Update)) {
    $GLOBALS['savedRights'] = true;
}

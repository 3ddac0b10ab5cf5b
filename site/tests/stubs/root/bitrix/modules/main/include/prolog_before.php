<?php

// The start of the kernel for public scripts, on the stubs. A site that is broken dies here, and says so with status 200
// unless somebody set another one before.

if (is_file($_SERVER['DOCUMENT_ROOT'] . '/broken')) {
    exit('Error connecting to database');
}
require_once getenv('POSREDNIK_SITE_TESTS') . '/bootstrap.php';

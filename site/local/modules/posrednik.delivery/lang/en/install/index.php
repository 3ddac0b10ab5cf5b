<?php

declare(strict_types=1);

$MESS['POSREDNIK_DELIVERY_MODULE_NAME'] = 'Posrednik: delivery';
$MESS['POSREDNIK_DELIVERY_MODULE_DESCRIPTION'] = 'Shows in orders what happens to the delivery: shipment status, tracking number and order properties come from Posrednik. The exchange with 1C is left alone.';
$MESS['POSREDNIK_DELIVERY_INSTALLED'] = 'The module "Posrednik: delivery" is installed';
$MESS['POSREDNIK_DELIVERY_REMOVING'] = 'Removing the module "Posrednik: delivery"';
$MESS['POSREDNIK_DELIVERY_REMOVED'] = 'The module "Posrednik: delivery" is removed';
$MESS['POSREDNIK_DELIVERY_TO_SETTINGS'] = 'Go to the settings: enter the secret and choose statuses';
$MESS['POSREDNIK_DELIVERY_REMOVE_HINT'] = 'First end or pause the subscription in Posrednik, or it will go on sending for three days. Orders do not change when the module is removed.';
$MESS['POSREDNIK_DELIVERY_KEEP_TABLES'] = 'Keep tables and settings (needed if the module is to be installed again)';
$MESS['POSREDNIK_DELIVERY_REMOVE'] = 'Remove the module';
$MESS['POSREDNIK_DELIVERY_MISSING_PHP'] = 'The module needs PHP 8.1 or newer. Update PHP on the server and install again.';
$MESS['POSREDNIK_DELIVERY_MISSING_EXTENSION'] = 'The module needs the PHP extensions mbstring and hash. Switch them on and install again.';
$MESS['POSREDNIK_DELIVERY_MISSING_MAIN'] = 'The module needs the main module 20.0.0 or newer. Update the site and install again.';
$MESS['POSREDNIK_DELIVERY_MISSING_SALE'] = 'The module "Online store" (sale) is not installed, so there is nothing to update: install it and try again.';
$MESS['POSREDNIK_DELIVERY_MISSING_CHARSET'] = 'The site does not use UTF-8, the texts of the module cannot be read on it. Move the site to UTF-8.';
$MESS['POSREDNIK_DELIVERY_RIGHT_D'] = 'no access';
$MESS['POSREDNIK_DELIVERY_RIGHT_R'] = 'see settings and journal';
$MESS['POSREDNIK_DELIVERY_RIGHT_W'] = 'change settings and repeat events';

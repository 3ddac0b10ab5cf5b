<?php

declare(strict_types=1);

$MESS['POSREDNIK_DELIVERY_ANSWER_ONLY_POST'] = 'only POST requests are taken';
$MESS['POSREDNIK_DELIVERY_ANSWER_SWITCHED_OFF'] = 'receiving is switched off in the settings of the module';
$MESS['POSREDNIK_DELIVERY_ANSWER_TOO_LARGE'] = 'the request body is over 256 KB';
$MESS['POSREDNIK_DELIVERY_ANSWER_NO_BODY'] = 'the request body could not be read';
$MESS['POSREDNIK_DELIVERY_ANSWER_NO_SECRET'] = 'no subscription secret in the settings of the module';
$MESS['POSREDNIK_DELIVERY_ANSWER_BAD_SECRET'] = 'the secret in the settings of the site cannot be read: enter it again';
$MESS['POSREDNIK_DELIVERY_ANSWER_NO_HEADERS'] = 'webhook-id, webhook-timestamp or webhook-signature is missing';
$MESS['POSREDNIK_DELIVERY_ANSWER_BAD_TIMESTAMP'] = 'the header webhook-timestamp cannot be read';
$MESS['POSREDNIK_DELIVERY_ANSWER_OLD_TIMESTAMP'] = 'the time of the request differs from the clock of the site by more than 5 minutes: check the clocks of both servers';
$MESS['POSREDNIK_DELIVERY_ANSWER_BAD_SIGNATURE'] = 'the signature does not agree: the secret in the settings is not that of the subscription';
$MESS['POSREDNIK_DELIVERY_ANSWER_BAD_JSON'] = 'the request body cannot be read as JSON';
$MESS['POSREDNIK_DELIVERY_ANSWER_BAD_FIELD'] = 'the event has a field that cannot be read';
$MESS['POSREDNIK_DELIVERY_ANSWER_OTHER_BODY'] = 'there was an event of this id already, with another content';
$MESS['POSREDNIK_DELIVERY_ANSWER_NOT_STORED'] = 'the site could not store the event, repeat later';

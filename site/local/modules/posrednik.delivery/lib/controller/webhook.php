<?php

declare(strict_types=1);

namespace Posrednik\Delivery\Controller;

use Bitrix\Main\Engine\ActionFilter\HttpMethod;
use Bitrix\Main\Engine\Controller;
use Bitrix\Main\HttpResponse;
use Posrednik\Delivery\Http;

/**
 * The same door for sites where a script in /bitrix/tools cannot be reached:
 * /bitrix/services/main/ajax.php?action=posrednik:delivery.webhook.take
 *
 * Nobody is logged in and there is no form: the signature takes the place of both checks.
 */
final class Webhook extends Controller
{
    public function configureActions()
    {
        return ['take' => ['prefilters' => [new HttpMethod([HttpMethod::METHOD_POST])], 'postfilters' => []]];
    }

    public function takeAction(): HttpResponse
    {
        return Http::answer()->response();
    }
}

<?php

declare(strict_types=1);

// Classes of lib/ are found by their names; nothing has to be registered.

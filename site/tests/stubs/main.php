<?php

// What the module uses of the kernel (modules/main), as thin as it can be. Options, events and agents are kept in the
// same SQLite database as everything else, so that several processes see one site.

declare(strict_types=1);

namespace Bitrix\Main {

    use Bitrix\Main\DB\Connection;

    class ArgumentNullException extends \Exception
    {
    }

    class ArgumentOutOfRangeException extends \Exception
    {
    }

    class NotSupportedException extends \Exception
    {
    }

    class Error
    {
        public function __construct(private string $message, private string|int $code = 0)
        {
        }

        public function getMessage()
        {
            return $this->message;
        }

        public function getCode()
        {
            return $this->code;
        }
    }

    class Result
    {
        /** @var list<Error> */
        private array $errors = [];

        public function isSuccess()
        {
            return $this->errors === [];
        }

        public function addError(Error $error)
        {
            $this->errors[] = $error;
            return $this;
        }

        public function getErrorMessages()
        {
            return array_map(static fn (Error $one) => $one->getMessage(), $this->errors);
        }
    }

    class Application
    {
        private static ?self $instance = null;
        private static ?Connection $connection = null;
        /** @var list<array{callable, array<mixed>}> */
        private array $jobs = [];
        /** @var list<string> */
        public array $log = [];
        /** @var list<\Throwable> */
        public array $thrown = [];
        private ?Context $context = null;

        public static function getInstance()
        {
            return self::$instance ??= new self();
        }

        public static function getConnection($name = '')
        {
            return self::$connection ??= new Connection(getenv('POSREDNIK_SITE_DB') ?: ':memory:');
        }

        public static function forget(): void
        {
            self::$instance = null;
            self::$connection = null;
        }

        public function getContext()
        {
            return $this->context ??= new Context();
        }

        public function getExceptionHandler()
        {
            return $this;
        }

        public function writeToLog($error)
        {
            $this->log[] = $error->getMessage();
            $this->thrown[] = $error;
        }

        public function addBackgroundJob(callable $job, array $args = [], $priority = 100)
        {
            $this->jobs[] = [$job, $args];
            return $this;
        }

        public function runBackgroundJobs(): void
        {
            while ($next = array_shift($this->jobs)) {
                $next[0](...$next[1]);
            }
        }

        public function end($status = 0, ?HttpResponse $response = null)
        {
            $response?->send();
            $this->runBackgroundJobs();
            exit($status);
        }
    }

    class Context
    {
        public function getRequest()
        {
            return new HttpRequest($_GET, $_POST, $_SERVER);
        }
    }

    class HttpRequest
    {
        public function __construct(private array $query, private array $post, private array $server)
        {
        }

        public function isPost()
        {
            return ($this->server['REQUEST_METHOD'] ?? 'GET') === 'POST';
        }

        public function get($name)
        {
            return $this->query[$name] ?? $this->post[$name] ?? null;
        }

        public function getQuery($name)
        {
            return $this->query[$name] ?? null;
        }

        public function getPostList()
        {
            return new class ($this->post) {
                public function __construct(private array $values)
                {
                }

                public function toArray()
                {
                    return $this->values;
                }
            };
        }

        public function getHttpHost()
        {
            return $this->server['HTTP_HOST'] ?? 'shop.example';
        }
    }

    class HttpResponse
    {
        public string $status = '200 OK';
        /** @var array<string, string> */
        public array $headers = [];
        public string $content = '';

        public function setStatus($status)
        {
            $this->status = (string)$status;
            return $this;
        }

        public function addHeader($name, $value = '')
        {
            $this->headers[$name] = $value;
            return $this;
        }

        public function setContent($content)
        {
            $this->content = $content;
            return $this;
        }

        public function send($flush = true)
        {
            header('HTTP/1.1 ' . $this->status);
            foreach ($this->headers as $name => $value) {
                header($name . ': ' . $value);
            }
            header('Content-Length: ' . strlen($this->content));
            echo $this->content;
            flush();
        }
    }

    class Loader
    {
        public static array $absent = [];

        public static function includeModule($name)
        {
            if (in_array($name, self::$absent, true)) {
                return false;
            }
            return $name === 'sale' || ModuleManager::isModuleInstalled($name);
        }

        public static function getLocal($path)
        {
            return POSREDNIK_SITE . '/local/' . $path;
        }
    }

    class ModuleManager
    {
        public static string $mainVersion = '23.500.0';

        public static function registerModule($name)
        {
            Config\Option::set('main', 'installed~' . $name, 'Y');
        }

        public static function unRegisterModule($name)
        {
            Config\Option::set('main', 'installed~' . $name, 'N');
        }

        public static function isModuleInstalled($name)
        {
            return Config\Option::get('main', 'installed~' . $name, 'N') === 'Y';
        }

        public static function getVersion($name)
        {
            return self::$mainVersion;
        }
    }

    class EventManager
    {
        private static ?self $instance = null;
        /** @var array<string, true> */
        public array $handlers = [];

        public static function getInstance()
        {
            return self::$instance ??= new self();
        }

        public function registerEventHandler($from, $event, $to, $class, $method)
        {
            $this->handlers["$from:$event:$to:$class:$method"] = true;
        }

        public function unRegisterEventHandler($from, $event, $to, $class, $method)
        {
            unset($this->handlers["$from:$event:$to:$class:$method"]);
        }
    }
}

namespace Bitrix\Main\Config {

    use Bitrix\Main\Application;

    class Option
    {
        public static function get($module, $name, $default = '', $site = false)
        {
            $query = 'SELECT VALUE FROM b_option WHERE MODULE_ID = ? AND NAME = ?';
            $row = Application::getConnection()->rows($query, [$module, $name])[0] ?? null;
            return $row === null ? $default : $row['VALUE'];
        }

        public static function set($module, $name, $value = '', $site = '')
        {
            if (!is_string($value)) {
                throw new \TypeError('options are texts');
            }
            Application::getConnection()->rows('REPLACE INTO b_option VALUES (?, ?, ?)', [$module, $name, $value]);
        }

        public static function delete($module, $filter = [])
        {
            Application::getConnection()->rows('DELETE FROM b_option WHERE MODULE_ID = ?', [$module]);
        }

        public static function getDefaults($module)
        {
            include \Bitrix\Main\Loader::getLocal('modules/' . $module . '/default_option.php');
            return ${strtr($module, '.', '_') . '_default_option'};
        }
    }

    class Configuration
    {
        public static array $values = [];

        public static function getValue($name)
        {
            return self::$values[$name] ?? null;
        }
    }
}

namespace Bitrix\Main\Localization {

    class Loc
    {
        /** Of this process: a request has the language of the site it came to, an agent that of whoever woke it. */
        public static string $language = 'ru';
        private static array $messages = [];

        public static function loadMessages($file)
        {
            foreach (['ru', 'en'] as $language) {
                $MESS = [];
                include strtr($file, [POSREDNIK_MODULE . '/' => POSREDNIK_MODULE . '/lang/' . $language . '/']);
                self::$messages[$language] = $MESS + (self::$messages[$language] ?? []);
            }
        }

        public static function getMessage($code, $replace = null, $language = null)
        {
            return self::$messages[$language ?? self::$language][$code] ?? null;
        }
    }
}

<?php

// Connection and DataManager on SQLite. Values come back as texts, as they do from MySQL.

declare(strict_types=1);

namespace Bitrix\Main\DB {

    class SqlQueryException extends \Exception
    {
    }

    class Connection
    {
        private \PDO $pdo;
        /** Throws before the next writes; for a database that is away. */
        public bool $isDown = false;
        /** Reads go on, writes do not: a full disk. */
        public bool $isFull = false;
        /** @var resource|null */
        private $locked = null;

        public function __construct(private string $path)
        {
            $this->pdo = new \PDO('sqlite:' . $path, null, null, [
                \PDO::ATTR_ERRMODE => \PDO::ERRMODE_EXCEPTION, \PDO::ATTR_STRINGIFY_FETCHES => true,
                \PDO::ATTR_DEFAULT_FETCH_MODE => \PDO::FETCH_ASSOC, \PDO::ATTR_TIMEOUT => 20,
            ]);
            $this->pdo->exec('PRAGMA journal_mode = WAL');
            $this->pdo->exec('CREATE TABLE IF NOT EXISTS b_option (MODULE_ID, NAME, VALUE, PRIMARY KEY (MODULE_ID, NAME))');
        }

        /** @return list<array<string, string>> */
        public function rows(string $sql, array $values = []): array
        {
            if ($this->isDown || ($this->isFull && preg_match('/\A(INSERT|UPDATE|DELETE|REPLACE)/', $sql) === 1)) {
                throw new SqlQueryException('the database is away');
            }
            try {
                $statement = $this->pdo->prepare($sql);
                $statement->execute($values);
                return $statement->columnCount() > 0 ? $statement->fetchAll() : [];
            } catch (\PDOException $error) {
                throw new SqlQueryException($error->getMessage(), 0, $error);
            }
        }

        public function isTableExists($name)
        {
            return $this->rows("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", [$name]) !== [];
        }

        public function isIndexExists($table, array $columns)
        {
            $listed = '%(' . implode(', ', $columns) . ')';
            $sql = "SELECT 1 FROM sqlite_master WHERE type = 'index' AND tbl_name = ? AND sql LIKE ?";
            return $this->rows($sql, [$table, $listed]) !== [];
        }

        public function createIndex($table, $name, $columns)
        {
            $this->rows("CREATE INDEX $name ON $table (" . implode(', ', $columns) . ')');
        }

        public function dropTable($name)
        {
            $this->rows('DROP TABLE ' . $name);
        }

        public function startTransaction()
        {
            $this->pdo->beginTransaction();
        }

        public function commitTransaction()
        {
            $this->pdo->commit();
        }

        public function rollbackTransaction()
        {
            $this->pdo->rollBack();
        }

        /** Dies with the process, as GET_LOCK does with its connection. */
        public function lock($name, $timeout = 0)
        {
            $file = $this->path === ':memory:' ? tempnam(sys_get_temp_dir(), 'lock') : $this->path . '.lock';
            $handle = fopen($file, 'c');
            if (!flock($handle, LOCK_EX | LOCK_NB)) {
                return false;
            }
            $this->locked = $handle;
            return true;
        }

        public function unlock($name)
        {
            if ($this->locked !== null) {
                fclose($this->locked);
                $this->locked = null;
            }
            return true;
        }
    }
}

namespace Bitrix\Main\ORM\Fields\Validators {

    class LengthValidator
    {
        public function __construct(public ?int $min = null, public ?int $max = null)
        {
        }
    }
}

namespace Bitrix\Main\ORM\Fields {

    abstract class Field
    {
        public function __construct(public string $name, public array $settings = [])
        {
        }

        abstract public function type(): string;

        public function refuses(mixed $value): ?string
        {
            foreach (isset($this->settings['validation']) ? $this->settings['validation']() : [] as $validator) {
                if ($validator->max !== null && mb_strlen((string)$value) > $validator->max) {
                    return $this->name . ' is too long';
                }
            }
            return null;
        }
    }

    class StringField extends Field
    {
        public function type(): string
        {
            return 'TEXT';
        }
    }

    class TextField extends StringField
    {
        public function refuses(mixed $value): ?string
        {
            return strlen((string)$value) > 65535 ? $this->name . ' is too long' : null;
        }
    }

    class IntegerField extends Field
    {
        public function type(): string
        {
            return 'INTEGER';
        }
    }
}

namespace Bitrix\Main\ORM\Data {

    use Bitrix\Main\Application;
    use Bitrix\Main\Error;

    class Result extends \Bitrix\Main\Result
    {
    }

    class AddResult extends Result
    {
    }

    class UpdateResult extends Result
    {
    }

    class DeleteResult extends Result
    {
    }

    class Rows
    {
        public function __construct(private array $rows)
        {
        }

        public function fetchAll()
        {
            return $this->rows;
        }

        public function fetch()
        {
            return array_shift($this->rows) ?? false;
        }
    }

    abstract class DataManager
    {
        abstract public static function getTableName();

        public static function getMap()
        {
            return [];
        }

        public static function getEntity()
        {
            return new class (static::class) {
                public function __construct(private string $class)
                {
                }

                public function createDbTable()
                {
                    $columns = array_map(static fn ($one) => $one->name . ' ' . $one->type() . ' NOT NULL'
                        . (($one->settings['primary'] ?? false) ? ' PRIMARY KEY' : ''), $this->class::getMap());
                    Application::getConnection()->rows('CREATE TABLE ' . $this->class::getTableName()
                        . ' (' . implode(', ', $columns) . ')');
                }
            };
        }

        public static function add(array $data)
        {
            $result = self::checked(new AddResult(), $data);
            if ($result->isSuccess()) {
                $sql = 'INSERT INTO ' . static::getTableName() . ' (' . implode(', ', array_keys($data)) . ') VALUES ('
                    . implode(', ', array_fill(0, count($data), '?')) . ')';
                Application::getConnection()->rows($sql, array_values($data));
            }
            return $result;
        }

        public static function update($primary, array $data)
        {
            $result = self::checked(new UpdateResult(), $data);
            if ($result->isSuccess()) {
                $set = implode(', ', array_map(static fn ($name) => $name . ' = ?', array_keys($data)));
                $sql = 'UPDATE ' . static::getTableName() . ' SET ' . $set . ' WHERE ' . static::primary() . ' = ?';
                Application::getConnection()->rows($sql, [...array_values($data), $primary]);
            }
            return $result;
        }

        public static function delete($primary)
        {
            $sql = 'DELETE FROM ' . static::getTableName() . ' WHERE ' . static::primary() . ' = ?';
            Application::getConnection()->rows($sql, [$primary]);
            return new DeleteResult();
        }

        public static function getRowById($primary)
        {
            return static::getList(['filter' => ['=' . static::primary() => $primary]])->fetchAll()[0] ?? null;
        }

        public static function getCount($filter = [])
        {
            return count(static::getList(['filter' => $filter])->fetchAll());
        }

        public static function getList(array $p = [])
        {
            [$where, $values] = self::where($p['filter'] ?? []);
            $sql = 'SELECT ' . implode(', ', $p['select'] ?? ['*']) . ' FROM ' . static::getTableName() . $where;
            foreach (array_values($p['order'] ?? []) as $place => $direction) {
                $sql .= ($place === 0 ? ' ORDER BY ' : ', ') . array_keys($p['order'])[$place] . ' ' . $direction;
            }
            $sql .= isset($p['limit']) ? ' LIMIT ' . (int)$p['limit'] : '';
            return new Rows(Application::getConnection()->rows($sql, $values));
        }

        protected static function primary(): string
        {
            foreach (static::getMap() as $field) {
                if ($field->settings['primary'] ?? false) {
                    return $field->name;
                }
            }
            return 'ID';
        }

        private static function checked(Result $result, array $data): Result
        {
            foreach (static::getMap() as $field) {
                $why = array_key_exists($field->name, $data) ? $field->refuses($data[$field->name]) : null;
                if ($why !== null) {
                    $result->addError(new Error($why));
                }
            }
            return $result;
        }

        private static function where(array $filter): array
        {
            $parts = [];
            foreach (array_keys($filter) as $key) {
                preg_match('/\A(!=|<=|>=|=|<|>)(\w+)\z/', $key, $found) || throw new \LogicException("filter $key");
                $parts[] = $found[2] . ' ' . $found[1] . ' ?';
            }
            return [$parts === [] ? '' : ' WHERE ' . implode(' AND ', $parts), array_values($filter)];
        }
    }
}

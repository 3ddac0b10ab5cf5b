<?php

// Connection and DataManager on SQLite. Values come back as texts, as they do from MySQL.

declare(strict_types=1);

namespace Bitrix\Main\DB {

    class SqlQueryException extends \Exception
    {
    }

    class TransactionException extends \Exception
    {
    }

    class Connection
    {
        private \PDO $pdo;
        /** Throws before the next writes; for a database that is away. */
        public bool $isDown = false;
        /** Reads go on, writes do not: a full disk. */
        public bool $isFull = false;
        /** The end of a transaction does not come through. */
        public bool $losesCommit = false;
        /** As on sites that began long ago: MySQL's utf8 of three bytes in a mode that cuts instead of refusing. */
        public bool $isNarrow = true;
        /** @var \Closure(string): void|null called with each statement before it: somebody else at the same moment */
        public ?\Closure $before = null;
        /** Every asker gets every lock. */
        public bool $givesLock = false;
        private int $level = 0;
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
            $this->before !== null && ($this->before)($sql);
            if ($this->isDown || ($this->isFull && preg_match('/\A(INSERT|UPDATE|DELETE|REPLACE)/', $sql) === 1)) {
                throw new SqlQueryException('the database is away');
            }
            try {
                $statement = $this->pdo->prepare($sql);
                $statement->execute($this->isNarrow ? array_map(self::cut(...), $values) : $values);
                $this->affected = $statement->rowCount();
                return $statement->columnCount() > 0 ? $statement->fetchAll() : [];
            } catch (\PDOException $error) {
                throw new SqlQueryException($error->getMessage(), 0, $error);
            }
        }

        private int $affected = 0;

        public function queryExecute($sql, ?array $binds = null)
        {
            $this->rows($sql);
        }

        public function getAffectedRowsCount()
        {
            return $this->affected;
        }

        public function getSqlHelper()
        {
            return new class {
                public function forSql($value, $maxLength = 0)
                {
                    return strtr($value, ["'" => "''"]);
                }
            };
        }

        private static function cut(mixed $value): mixed
        {
            return is_string($value) ? preg_replace('/[\x{10000}-\x{10FFFF}].*/su', '', $value) ?? '' : $value;
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
            $this->rows($this->level === 0 ? 'BEGIN' : 'SAVEPOINT TRANS' . $this->level);
            $this->level++;
        }

        public function commitTransaction()
        {
            if (--$this->level < 0) {
                throw new TransactionException('Transaction was not started.');
            }
            if ($this->losesCommit) {
                $this->pdo->exec('ROLLBACK');
                throw new SqlQueryException('the database is away');
            }
            $this->level === 0 && $this->rows('COMMIT');
        }

        public function rollbackTransaction()
        {
            if (--$this->level < 0) {
                throw new TransactionException('Transaction was not started.');
            }
            $this->rows($this->level === 0 ? 'ROLLBACK' : 'ROLLBACK TO TRANS' . $this->level);
            if ($this->level > 0) {
                throw new TransactionException('Nested rollbacks are unsupported.');
            }
        }

        /** Dies with the process, as GET_LOCK does with its connection. */
        public function lock($name, $timeout = 0)
        {
            if ($this->givesLock) {
                return true;
            }
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
                if ($validator->max !== null && mb_strlen((string)$value, 'UTF-8') > $validator->max) {
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
            self::known(array_keys($data));
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
            self::known(array_keys($data));
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
            if (array_diff(array_keys($p), ['select', 'filter', 'order', 'limit', 'offset', 'group', 'runtime']) !== []) {
                throw new \InvalidArgumentException('Unknown parameter');
            }
            self::known([...array_diff($p['select'] ?? [], ['*']), ...array_keys($p['order'] ?? [])]);
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

        /** As the kernel: a name that is not in the map is an exception. Tables of the shop without a map have columns. */
        private static function known(array $names): void
        {
            $map = array_map(static fn ($one) => $one->name, static::getMap());
            $unknown = $map === [] ? [] : array_diff($names, $map);
            if ($unknown !== []) {
                throw new \Exception('Unknown field definition ' . implode(', ', $unknown));
            }
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
            [$parts, $values] = [[], []];
            foreach ($filter as $key => $value) {
                preg_match('/\A(!=|<=|>=|=|<|>|@|!@)(\w+)\z/', $key, $found) || throw new \LogicException("filter $key");
                self::known([$found[2]]);
                $isList = str_ends_with($found[1], '@');
                if (is_array($value) !== $isList) {
                    throw new \LogicException("filter $key takes " . ($isList ? 'a list' : 'one value'));
                }
                $marks = $isList ? '(' . implode(', ', array_fill(0, count($value), '?')) . ')' : '?';
                $parts[] = $found[2] . ' ' . strtr($found[1], ['!@' => 'NOT IN', '@' => 'IN']) . ' ' . $marks;
                array_push($values, ...(array)$value);
            }
            return [$parts === [] ? '' : ' WHERE ' . implode(' AND ', $parts), $values];
        }
    }
}

namespace Bitrix\Main {

    class SiteTable extends ORM\Data\DataManager
    {
        public static function getTableName()
        {
            return 'b_lang';
        }
    }
}

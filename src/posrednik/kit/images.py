"""Pictures are decoded in processes of their own, never here. See docs/subsystems/photos.md, "Decoding".

What a stranger sends meets a decoder written in C: it runs in a child without our environment, with limits of memory
and of processor time, and its death harms one request at most.
"""

import asyncio
import os
import signal
import struct
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import msgspec

from posrednik.kit.log import get_logger

log = get_logger("images")
WORKERS, MOST_WAITING = 2, 32
WALL_S = 20.0
LENGTH = struct.Struct(">I")
# Signals by which a decoder ends because of its picture; whatever else ends it is the machine's trouble.
ITS_FAULT = {-getattr(signal, name) for name in ("SIGSEGV", "SIGBUS", "SIGABRT", "SIGFPE", "SIGILL", "SIGPROF")
             if hasattr(signal, name)}  # fmt: skip


class Picture(msgspec.Struct, frozen=True, tag="picture"):
    """width, height: pixels, as it is to be shown (EXIF orientation applied). brightness: mean, 0 black to 1 white.
    phash: 64 bits that differ in few places between pictures that look alike. small: JPEG, at most 320 px, bare."""

    width: int
    height: int
    brightness: float
    phash: int
    small: bytes


class Refused(msgspec.Struct, frozen=True, tag="refused"):
    """Not a picture that we take. why: for the log, English."""

    why: str


class Unreadable(Exception):
    """These bytes are no JPEG, a damaged one, or one too large to be decoded."""


class Overloaded(Exception):
    """The picture was not looked at: too many wait, or a decoder cannot be had. Nothing is said of the picture."""


class _Died(Exception):
    def __init__(self, code: int) -> None:
        super().__init__(f"the decoder ended with {code}")
        self.code = code


class _TooLong(Exception):
    """Killed by us: the time of one picture is over."""


class Images:
    """Up to WORKERS decoders, each started by the first picture that needs it and kept until `close`."""

    def __init__(self, *, wall_s: float = WALL_S, command: tuple[str, ...] = ()) -> None:
        self._wall_s = wall_s
        self._command = command or (sys.executable, "-m", "posrednik.kit.image_worker")
        self._threads = ThreadPoolExecutor(WORKERS, thread_name_prefix="images")
        self._idle: list[_Decoder] = []
        self._all: set[_Decoder] = set()
        self._lock = threading.Lock()
        self._waiting, self._closed = 0, False

    async def look(self, data: bytes) -> Picture:
        """Raises Unreadable, Overloaded."""
        if self._closed or self._waiting >= MOST_WAITING:
            raise Overloaded("too many pictures wait")
        self._waiting += 1
        asked = asyncio.get_running_loop().run_in_executor(self._threads, self._look, data)
        asked.add_done_callback(self._one_less)
        # Who gives up waiting does not stop the decoder: its answer must be read before the next picture is asked.
        return await asyncio.shield(asked)

    def _one_less(self, asked: asyncio.Future[Picture]) -> None:
        self._waiting -= 1
        if not asked.cancelled():
            asked.exception()

    def _look(self, data: bytes) -> Picture:
        """In a thread. A decoder may have been killed while it was idle, so a death is believed the second time."""
        try:
            try:
                answer = self._ask(data)
            except _Died:
                answer = self._ask(data)
        except _Died as error:
            if error.code in ITS_FAULT and not self._closed:
                raise Unreadable(str(error)) from error
            raise Overloaded(str(error)) from error
        except (_TooLong, OSError) as error:
            raise Overloaded(f"{type(error).__name__}: {error}") from error
        if isinstance(answer, Refused):
            raise Unreadable(answer.why)
        return answer

    def _ask(self, data: bytes) -> Picture | Refused:
        decoder = self._take()
        try:
            answer = decoder.ask(data, self._wall_s)
        except BaseException as error:
            self._drop(decoder, error)
            raise
        with self._lock:
            self._idle.append(decoder)
        return answer

    def _take(self) -> "_Decoder":
        with self._lock:
            if self._closed:
                raise OSError("the process stops")
            while self._idle:
                if (decoder := self._idle.pop()).alive():
                    return decoder
                self._all.discard(decoder)
                decoder.bury()
            decoder = _Decoder(self._command)
            self._all.add(decoder)
            return decoder

    def _drop(self, decoder: "_Decoder", error: BaseException) -> None:
        with self._lock:
            self._all.discard(decoder)
            closed = self._closed
        decoder.bury()
        if not closed:
            log.warning("images.decoder_died", error=f"{type(error).__name__}: {error}")

    async def close(self) -> None:
        """End the decoders; whoever waits for one gets Overloaded."""
        with self._lock:
            self._closed = True
            running = list(self._all)
        for decoder in running:
            decoder.kill()
        await asyncio.to_thread(self._threads.shutdown)
        for decoder in running:
            decoder.bury()


class _Decoder:
    """One child: a length and a picture in, a length and an answer out. It ends when its input does."""

    def __init__(self, command: tuple[str, ...]) -> None:
        self._child = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=_bare_environment(), bufsize=0
        )

    def ask(self, data: bytes, wall_s: float) -> Picture | Refused:
        """Raises _Died, _TooLong."""
        over = threading.Event()

        def too_long() -> None:
            over.set()
            self._child.kill()

        timer = threading.Timer(wall_s, too_long)
        timer.daemon = True
        timer.start()
        try:
            self._write(LENGTH.pack(len(data)), data)
            size = LENGTH.unpack(self._read(LENGTH.size))[0]
            return msgspec.msgpack.decode(self._read(size), type=Picture | Refused)
        except (_Died, BrokenPipeError) as error:
            raise _TooLong if over.is_set() else _Died(self._child.wait()) from error
        finally:
            timer.cancel()

    def _write(self, *parts: bytes) -> None:
        assert self._child.stdin is not None
        for part in parts:
            rest = memoryview(part)
            while rest:
                rest = rest[self._child.stdin.write(rest) :]

    def _read(self, size: int) -> bytes:
        assert self._child.stdout is not None
        read = bytearray()
        while len(read) < size:
            if not (part := self._child.stdout.read(size - len(read))):
                raise _Died(self._child.wait())
            read += part
        return bytes(read)

    def alive(self) -> bool:
        return self._child.poll() is None

    def kill(self) -> None:
        """From any thread; the one that talks with it finds out by itself."""
        self._child.kill()

    def bury(self) -> None:
        """When nobody talks with it any more."""
        self._child.kill()
        self._child.wait()
        for pipe in (self._child.stdin, self._child.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()


def _bare_environment() -> dict[str, str]:
    """Nothing of ours, above all no passwords; only where the program is found."""
    kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "LD_LIBRARY_PATH") if name in os.environ}
    return {**kept, "PYTHONPATH": str(Path(__file__).resolve().parents[2])}

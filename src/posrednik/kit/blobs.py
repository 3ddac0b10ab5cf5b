"""Files under keys, in a local folder or an S3 bucket. See docs/subsystems/photos.md, "Storage".

A key is made of our own words and hashes, never of a user's text: "ab/cd/….jpg".
"""

import asyncio
import os
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypedDict, cast
from uuid import uuid4

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, S3Store

from posrednik.kit.log import get_logger

if TYPE_CHECKING:
    from obstore.store import S3Config

log = get_logger("blobs")
INCOMING, FORGOTTEN_S = "incoming", 86_400.0
RETRIES, RETRYING_S, REQUEST_S, CONNECT_S = 2, 15, 20, 3


class StorageUnavailable(Exception):
    """The storage did not take or give back a file now. Of what was to be written nothing is seen by anybody."""


class Blobs(Protocol):
    async def put(self, blobs: Mapping[str, bytes], media_type: str) -> None:
        """Write all, replacing what is there; they are durable when this returns. Raises StorageUnavailable."""

    async def get(self, key: str) -> bytes | None:
        """The whole file; None = there is none. Raises StorageUnavailable."""

    async def has(self, keys: Iterable[str]) -> bool:
        """Whether all of them are there. Raises StorageUnavailable."""


class S3Options(TypedDict, total=False):
    """What is not given comes from the usual AWS_* variables. allow_http: plain http, for a server on this machine."""

    endpoint: str
    region: str
    access_key_id: str
    secret_access_key: str
    allow_http: bool


def open_blobs(url: str, folder: Path, options: S3Options) -> Blobs:
    """url: "" = the local folder, else "s3://bucket[/prefix]". Nothing is touched before the first use."""
    if not url:
        return LocalBlobs(folder)
    bucket, _, prefix = url.removeprefix("s3://").partition("/")
    return S3Blobs(bucket, prefix.strip("/"), options)


class LocalBlobs:
    """A folder. obstore's local store renames a whole file into place but never calls fsync (0.12, seen by strace):
    so a file is written beside, fsynced, renamed, and then its folders are fsynced. A repeat can therefore never
    replace a file that is safe on the disk by one that is not yet."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._opened: LocalStore | None = None

    async def put(self, blobs: Mapping[str, bytes], media_type: str) -> None:
        with _trouble_told():
            await asyncio.to_thread(self._put, blobs)

    async def get(self, key: str) -> bytes | None:
        with _trouble_told():
            return await asyncio.to_thread(self._get, key)

    async def has(self, keys: Iterable[str]) -> bool:
        return all((self._root / key).is_file() for key in keys)

    def _put(self, blobs: Mapping[str, bytes]) -> None:
        store, written = self._store(), dict[str, str]()
        try:
            for key, data in blobs.items():
                written[key] = f"{INCOMING}/{uuid4()}"
                obstore.put(store, written[key], data, use_multipart=False)
                _fsync(self._root / written[key])
            for key, temporary in written.items():
                obstore.rename(store, temporary, key)
        finally:
            for temporary in written.values():
                with suppress(OSError):
                    (self._root / temporary).unlink(missing_ok=True)
        self._fsync_folders(blobs)

    def _fsync_folders(self, keys: Iterable[str]) -> None:
        """A name is durable when its folder is, and that one's name in the folder above, up to the root."""
        folders = {folder for key in keys for folder in (self._root / key).parents if folder.is_relative_to(self._root)}
        for folder in sorted(folders, key=lambda f: len(f.parts), reverse=True):
            _fsync(folder)

    def _get(self, key: str) -> bytes | None:
        try:
            return bytes(obstore.get(self._store(), key).bytes())
        except FileNotFoundError:
            return None

    def _store(self) -> LocalStore:
        if self._opened is None:
            self._root.mkdir(mode=0o700, parents=True, exist_ok=True)
            _fsync(self._root.parent)
            self._opened = LocalStore(prefix=self._root)
            self._forget_strays()
        return self._opened

    def _forget_strays(self) -> None:
        """What a killed process had not renamed yet; another process may be writing the young ones."""
        for stray in (self._root / INCOMING).glob("*"):
            with suppress(OSError):
                if stray.stat().st_mtime < time.time() - FORGOTTEN_S:
                    stray.unlink()


class S3Blobs:
    """A bucket; S3 acknowledges a PUT when it is durable. Addresses are path-style unless AWS_* says otherwise."""

    def __init__(self, bucket: str, prefix: str, options: S3Options) -> None:
        given = {name: value for name, value in options.items() if value and name != "allow_http"}
        self._store = S3Store(
            bucket, prefix=prefix or None, config=cast("S3Config", given),
            client_options={
                "allow_http": options.get("allow_http", False),
                "timeout": timedelta(seconds=REQUEST_S), "connect_timeout": timedelta(seconds=CONNECT_S),
            },
            retry_config={"max_retries": RETRIES, "retry_timeout": timedelta(seconds=RETRYING_S)},
        )  # fmt: skip

    async def put(self, blobs: Mapping[str, bytes], media_type: str) -> None:
        with _trouble_told():
            for key, data in blobs.items():
                await obstore.put_async(
                    self._store, key, data, attributes={"Content-Type": media_type}, use_multipart=False
                )

    async def get(self, key: str) -> bytes | None:
        with _trouble_told():
            try:
                found = await obstore.get_async(self._store, key)
                return bytes(await found.bytes_async())
            except FileNotFoundError:
                return None

    async def has(self, keys: Iterable[str]) -> bool:
        with _trouble_told():
            try:
                for key in keys:
                    await obstore.head_async(self._store, key)
            except FileNotFoundError:
                return False
            return True


@contextmanager
def _trouble_told() -> Iterator[None]:
    """Every trouble of a storage is one for us. Only the first line is told, without the other side's answer: an S3
    server repeats the key's name in it."""
    try:
        yield
    except (BaseError, OSError, ValueError) as error:
        why = str(error).partition("\n")[0].partition("<")[0][:300]
        log.error("blobs.failed", error=f"{type(error).__name__}: {why}")
        raise StorageUnavailable(why) from None


def _fsync(path: Path) -> None:
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)

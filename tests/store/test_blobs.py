"""Files under keys: durable when told so, whole or not there, the same in a folder and in a bucket."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from time import time
from uuid import uuid4

import pytest
from structlog.testing import capture_logs
from tests.store.fake_s3 import KEY_ID, SECRET, FakeS3, fake_s3

from posrednik.kit import blobs as module
from posrednik.kit.blobs import Blobs, LocalBlobs, S3Options, StorageUnavailable, open_blobs

JPEG = "image/jpeg"


def options(server: FakeS3, **more: str) -> S3Options:
    key_id = more.get("key", KEY_ID)
    return S3Options(
        endpoint=server.url, region="ru-1", access_key_id=key_id, secret_access_key=SECRET, allow_http=True
    )  # fmt: skip


@pytest.fixture(params=["folder", "bucket"])
async def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Blobs]:
    async with AsyncExitStack() as stack:
        if request.param == "folder":
            yield open_blobs("", tmp_path / "deep" / "photos", S3Options())
        else:
            yield open_blobs("s3://bucket/some/prefix/", tmp_path, options(await stack.enter_async_context(fake_s3())))


# -- both


async def test_what_was_put_is_got_and_what_was_not_is_none(blobs: Blobs):
    files = {"ab/cd/1.jpg": b"one", "ab/cd/1.small.jpg": b"s", "ff/00/2.jpg": os.urandom(300_000)}
    await blobs.put(files, JPEG)
    assert {key: await blobs.get(key) for key in files} == files
    assert await blobs.get("ab/cd/3.jpg") is None
    assert await blobs.has(files)
    assert not await blobs.has([*files, "ab/cd/3.jpg"])


async def test_a_repeat_replaces_and_many_at_once_leave_one_whole_file(blobs: Blobs):
    await blobs.put({"ab/cd/1.jpg": b"old"}, JPEG)
    sent = [bytes([n]) * 50_000 for n in range(8)]
    await asyncio.gather(*(blobs.put({"ab/cd/1.jpg": one}, JPEG) for one in sent))
    assert await blobs.get("ab/cd/1.jpg") in sent


async def test_nothing_is_there_before_the_first_put(blobs: Blobs):
    assert await blobs.get("ab/cd/1.jpg") is None
    assert not await blobs.has(["ab/cd/1.jpg"])


# -- a folder


async def test_a_file_is_safe_on_the_disk_before_it_has_its_name_and_its_folders_before_the_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    done: list[tuple[str, str]] = []
    fsync, rename = module._fsync, module.obstore.rename

    def synced(path: Path) -> None:
        done.append(("fsync", path.relative_to(tmp_path).as_posix()))
        fsync(path)

    def renamed(store: object, start: str, to: str) -> None:
        done.append(("rename", to))
        rename(store, start, to)

    monkeypatch.setattr(module, "_fsync", synced)
    monkeypatch.setattr(module.obstore, "rename", renamed)
    await LocalBlobs(tmp_path / "photos").put({"ab/cd/1.jpg": b"1", "ab/cd/1.small.jpg": b"s"}, JPEG)
    steps = [(what, "incoming/*" if "incoming" in where else where) for what, where in done]
    assert steps == [
        ("fsync", "."), ("fsync", "incoming/*"), ("fsync", "incoming/*"), ("rename", "ab/cd/1.jpg"),
        ("rename", "ab/cd/1.small.jpg"), ("fsync", "photos/ab/cd"), ("fsync", "photos/ab"), ("fsync", "photos"),
    ]  # fmt: skip


async def test_a_put_that_fails_in_the_middle_shows_nothing_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    def fail(path: Path) -> None:
        if "incoming" in path.parts and len(list(path.parent.iterdir())) == 2:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(module, "_fsync", fail)
    with pytest.raises(StorageUnavailable, match="No space left"):
        await LocalBlobs(tmp_path).put({"ab/cd/1.jpg": b"1", "ab/cd/1.small.jpg": b"s"}, JPEG)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


async def test_what_a_killed_process_left_behind_is_removed_after_a_day(tmp_path: Path):
    incoming = tmp_path / "incoming"
    incoming.mkdir()
    old, young = incoming / str(uuid4()), incoming / str(uuid4())
    for stray in (old, young):
        stray.write_bytes(b"half")
    os.utime(old, (time() - 90_000,) * 2)
    await LocalBlobs(tmp_path).put({"ab/cd/1.jpg": b"1"}, JPEG)
    assert sorted(incoming.iterdir()) == [young]


async def test_the_folder_is_for_nobody_else(tmp_path: Path):
    await LocalBlobs(tmp_path / "photos").put({"ab/cd/1.jpg": b"1"}, JPEG)
    assert (tmp_path / "photos").stat().st_mode & 0o077 == 0


# -- a bucket


async def test_a_bucket_gets_whole_objects_with_their_type_under_the_prefix(tmp_path: Path):
    async with fake_s3() as server:
        blobs = open_blobs("s3://bucket/some/prefix", tmp_path, options(server))
        await blobs.put({"ab/cd/1.jpg": b"\xff" * 5 * 1024 * 1024}, JPEG)
        assert server.objects == {"bucket/some/prefix/ab/cd/1.jpg": (b"\xff" * 5 * 1024 * 1024, JPEG)}
        assert await blobs.has(["ab/cd/1.jpg"])
        assert [method for method, _ in server.asked] == ["PUT", "HEAD"]


async def test_a_bucket_without_a_prefix_has_the_keys_alone(tmp_path: Path):
    async with fake_s3() as server:
        await open_blobs("s3://bucket", tmp_path, options(server)).put({"1.jpg": b"1"}, JPEG)
        assert list(server.objects) == ["bucket/1.jpg"]


@pytest.mark.parametrize("status", [403, 500, 503])
async def test_a_bucket_that_says_no_is_unavailable_and_its_words_are_not_logged(tmp_path: Path, status: int):
    async with fake_s3() as server:
        blobs = open_blobs("s3://bucket", tmp_path, options(server))
        server.status = status
        for asked in (blobs.put({"1.jpg": b"1"}, JPEG), blobs.get("1.jpg"), blobs.has(["1.jpg"])):
            with pytest.raises(StorageUnavailable) as raised, capture_logs() as logs:
                await asked
            assert raised.value.__suppress_context__
            assert KEY_ID not in f"{raised.value}{logs}"
            assert SECRET not in f"{raised.value}{logs}"


async def test_a_wrong_key_and_a_server_that_is_not_there_are_unavailable(tmp_path: Path):
    async with fake_s3() as server:
        with pytest.raises(StorageUnavailable):
            await open_blobs("s3://bucket", tmp_path, options(server, key="AKIAOTHER")).put({"1.jpg": b"1"}, JPEG)
    with pytest.raises(StorageUnavailable):
        await open_blobs("s3://bucket", tmp_path, options(server)).put({"1.jpg": b"1"}, JPEG)


async def test_keys_that_are_not_set_come_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEY_ID)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    monkeypatch.setenv("AWS_REGION", "ru-1")
    async with fake_s3() as server:
        given = S3Options(endpoint=server.url, region="", access_key_id="", secret_access_key="", allow_http=True)
        await open_blobs("s3://bucket", tmp_path, given).put({"1.jpg": b"1"}, JPEG)
        assert list(server.objects) == ["bucket/1.jpg"]

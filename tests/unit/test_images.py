"""Decoding of pictures: what is refused, what is told of a good one, and how decoders die."""

import asyncio
import io
import os
import random
import select
import signal
import subprocess
import sys
import textwrap
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from posrednik.kit.image_worker import MOST_PIXELS, look
from posrednik.kit.images import Images, Overloaded, Picture, Refused, Unreadable

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")  # Pillow's remarks on broken EXIF


def scene(width: int = 640, height: int = 480, seed: int = 1) -> Image.Image:
    """Smooth blotches, as photographs have them; another seed is another place."""
    few = random.Random(seed).randbytes(6 * 5 * 3)
    return Image.frombytes("RGB", (6, 5), few).resize((width, height), Image.Resampling.BICUBIC)


def jpeg(image: Image.Image | None = None, turn: int = 1, **options: object) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = turn
    exif[0x010E] = "Ленина, 5"
    exif.get_ifd(0x8825)[1] = "N"
    written = io.BytesIO()
    (image or scene()).save(written, "JPEG", **{"quality": 85, "exif": exif, "comment": "secret place", **options})
    return written.getvalue()


def seen(data: bytes) -> Picture:
    answer = look(data)
    assert isinstance(answer, Picture), answer
    return answer


def apart(one: Picture, other: Picture) -> int:
    return (one.phash ^ other.phash).bit_count()


def marked(name: str) -> bytes:
    written = io.BytesIO()
    scene().save(written, name)
    return written.getvalue()


# -- what is taken and told


def test_a_small_picture_is_at_most_320_px_and_has_nothing_but_the_picture():
    for size in ((640, 480), (480, 640), (321, 10), (5, 4), (1, 1), (3000, 1)):
        picture = seen(jpeg(scene(*size), comment="secret place"))
        assert (picture.width, picture.height) == size
        small = Image.open(io.BytesIO(picture.small))
        assert small.format == "JPEG"
        assert max(small.size) <= 320
        assert (small.size == size) == (max(size) <= 320)
        assert b"secret" not in picture.small
        assert not small.getexif()
        assert small.info.keys().isdisjoint({"exif", "comment", "icc_profile"})


def test_the_small_picture_stands_upright_whatever_way_the_phone_was_held():
    back = {1: None, 2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}  # how a picture is stored, so that its turn rights it
    upright = scene(300, 200)
    plain = seen(jpeg(upright))
    for turn, how in back.items():
        stored = upright if how is None else upright.transpose(Image.Transpose(how))
        picture = seen(jpeg(stored, turn))
        assert (picture.width, picture.height) == (300, 200)
        assert Image.open(io.BytesIO(picture.small)).size == (300, 200)
        assert apart(picture, plain) <= 2, turn


def test_a_turn_that_is_none_changes_nothing():
    for turn in (0, 9, 65_535):
        assert (seen(jpeg(turn=turn)).width, seen(jpeg(turn=turn)).height) == (640, 480)


def test_brightness_is_0_for_black_and_1_for_white():
    told = [seen(jpeg(Image.new("RGB", (50, 50), (level,) * 3))).brightness for level in (0, 64, 128, 255)]
    assert told == sorted(told)
    assert (told[0], told[-1]) == (0.0, 1.0)
    assert told[2] == pytest.approx(0.5, abs=0.01)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**6), quality=st.integers(45, 95), part=st.floats(0.3, 1.0))
def test_the_same_scene_compressed_and_scaled_again_is_near_itself(seed: int, quality: int, part: float):
    image = scene(seed=seed)
    again = image.resize((int(640 * part), int(480 * part)))
    assert apart(seen(jpeg(image)), seen(jpeg(again, quality=quality))) <= 5


def test_other_scenes_are_far_from_each_other():
    pictures = [seen(jpeg(scene(seed=n))) for n in range(40)]
    between = [apart(a, b) for n, a in enumerate(pictures) for b in pictures[:n]]
    assert min(between) > 8


def test_pictures_of_every_colour_model_of_jpeg_are_read():
    for mode in ("L", "RGB", "CMYK"):
        assert seen(jpeg(scene().convert(mode))).width == 640
    assert seen(jpeg(progressive=True)).width == 640


# -- what is refused


@pytest.mark.parametrize("name", ["PNG", "GIF", "WEBP", "TIFF", "BMP"])
def test_another_format_is_refused_even_behind_the_first_bytes_of_a_jpeg(name: str):
    assert isinstance(look(marked(name)), Refused)
    assert isinstance(look(b"\xff\xd8\xff" + marked(name)), Refused)


def test_a_page_that_calls_itself_a_picture_is_refused():
    for text in (
        b"",
        b"<html><script>alert(1)</script>",
        b"%PDF-1.7",
        b"\xff\xd8\xff",
        b"\xff\xd8\xff\xe0<svg>",
        b"MZ",
    ):
        assert isinstance(look(text), Refused)


@pytest.mark.parametrize("progressive", [False, True])
def test_a_truncated_picture_is_refused(progressive: bool):
    whole = jpeg(progressive=progressive)
    for part in (0.1, 0.5, 0.9, 0.99):
        assert isinstance(look(whole[: int(len(whole) * part)]), Refused)


def test_a_bomb_is_refused_by_its_head_alone():
    """The head says 60000 x 60000; there is nothing behind it, so it cannot have been decoded."""
    whole = bytearray(jpeg(exif=b"", comment=b""))
    frame = whole.index(b"\xff\xc0")
    whole[frame + 5 : frame + 9] = (60_000).to_bytes(2, "big") * 2
    answer = look(bytes(whole))
    assert isinstance(answer, Refused)
    assert "60000x60000" in answer.why


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_no_damage_brings_anything_but_an_answer(data: st.DataObject):
    whole = bytearray(jpeg(scene(64, 48)))
    for place in data.draw(st.lists(st.integers(0, len(whole) - 1), max_size=12)):
        whole[place] = data.draw(st.integers(0, 255))
    assert isinstance(look(bytes(whole)), Picture | Refused)


@given(st.binary(max_size=300))
def test_no_bytes_bring_anything_but_an_answer(data: bytes):
    assert isinstance(look(b"\xff\xd8\xff" + data), Picture | Refused)


# -- the processes


@pytest.fixture
async def images() -> AsyncIterator[Images]:
    made = Images()
    yield made
    await made.close()


def decoders(images: Images) -> list[int]:
    return [decoder._child.pid for decoder in images._all]


async def test_no_decoder_runs_before_the_first_picture_and_none_after_the_close():
    images = Images()
    assert decoders(images) == []
    assert (await images.look(jpeg())).width == 640
    (pid,) = decoders(images)
    await images.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    with pytest.raises(Overloaded):
        await images.look(jpeg())


async def test_the_largest_picture_allowed_is_read_within_the_memory_of_a_decoder(images: Images):
    side = int(MOST_PIXELS**0.5)
    largest = Image.new("RGB", (side, side), (90, 90, 90))
    assert (await images.look(jpeg(largest, progressive=True))).width == side


async def test_many_pictures_at_once_are_looked_at_by_two_decoders(images: Images):
    pictures = await asyncio.gather(*(images.look(jpeg(scene(100 + n, 80))) for n in range(12)))
    assert [picture.width for picture in pictures] == [100 + n for n in range(12)]
    assert len(decoders(images)) <= 2


async def test_more_pictures_than_can_wait_are_told_so_and_not_called_unreadable(images: Images):
    asked = await asyncio.gather(*(images.look(jpeg()) for _ in range(40)), return_exceptions=True)
    assert {type(answer) for answer in asked} == {Picture, Overloaded}
    assert (await images.look(jpeg())).width == 640


async def test_a_refusal_does_not_cost_the_decoder(images: Images):
    await images.look(jpeg())
    before = decoders(images)
    with pytest.raises(Unreadable):
        await images.look(b"no picture")
    assert (await images.look(jpeg())).width == 640
    assert decoders(images) == before


async def test_a_killed_decoder_is_replaced_and_nobody_notices(images: Images):
    for _ in range(3):
        assert (await images.look(jpeg())).width == 640
        for pid in decoders(images):
            os.kill(pid, signal.SIGKILL)


def stand_in(does: str) -> tuple[str, ...]:
    """A decoder that misbehaves when asked."""
    return (sys.executable, "-c", f"import os, signal, sys, time\nsys.stdin.buffer.read(4)\n{does}")


async def test_a_picture_that_crashes_its_decoder_twice_is_unreadable():
    images = Images(command=stand_in("os.kill(os.getpid(), signal.SIGSEGV)"))
    with pytest.raises(Unreadable):
        await images.look(b"x")
    await images.close()


@pytest.mark.parametrize("does", ["os.kill(os.getpid(), signal.SIGKILL)", "sys.exit(3)"])
async def test_a_decoder_that_others_ended_says_nothing_of_the_picture(does: str):
    images = Images(command=stand_in(does))
    with pytest.raises(Overloaded):
        await images.look(b"x")
    await images.close()


async def test_a_decoder_that_cannot_be_started_says_nothing_of_the_picture():
    images = Images(command=("/nonexistent/decoder",))
    with pytest.raises(Overloaded):
        await images.look(b"x")
    await images.close()


async def test_a_decoder_that_hangs_is_ended_after_its_time():
    images = Images(wall_s=0.3, command=stand_in("time.sleep(60)"))
    with pytest.raises(Overloaded):
        await images.look(b"x")
    await images.close()


async def test_a_stop_does_not_wait_for_a_decoder_that_hangs():
    images = Images(command=stand_in("time.sleep(60)"))
    asked = [asyncio.create_task(images.look(b"x")) for _ in range(5)]
    await asyncio.sleep(0)
    async with asyncio.timeout(60):
        await images.close()
        assert {type(e) for e in await asyncio.gather(*asked, return_exceptions=True)} == {Overloaded}


async def test_too_much_processor_time_is_the_pictures_fault():
    busy = "w.look = lambda data: [0 for _ in iter(int, 1)]; w.CPU_S = 0.2; w.main()"
    images = Images(command=(sys.executable, "-c", f"from posrednik.kit import image_worker as w; {busy}"))
    with pytest.raises(Unreadable):
        await images.look(b"x")
    await images.close()


async def test_a_decoder_knows_nothing_of_our_environment(images: Images, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("POSREDNIK_DATABASE_URL", "postgresql://user:password@host/name")
    await images.look(jpeg())
    (pid,) = decoders(images)
    assert b"POSREDNIK" not in Path(f"/proc/{pid}/environ").read_bytes()


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_decoders_end_with_a_process_that_is_killed():
    program = textwrap.dedent("""
        import asyncio, sys
        from posrednik.kit.images import Images
        async def main():
            images = Images()
            await images.look(sys.stdin.buffer.read())
            print(*(decoder._child.pid for decoder in images._all), flush=True)
            await asyncio.sleep(60)
        asyncio.run(main())
    """)
    parent = subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert parent.stdin is not None
    assert parent.stdout is not None
    parent.stdin.write(jpeg())
    parent.stdin.close()
    pids = [int(pid) for pid in parent.stdout.readline().split()]
    assert pids
    watched = [os.pidfd_open(pid) for pid in pids]
    parent.kill()
    parent.wait()
    for ended in watched:
        assert select.select([ended], [], [], 10)[0], "the decoder outlived its parent"
        os.close(ended)
    parent.stdout.close()

"""The decoder's own process: reads pictures from its input, answers on its output. Started by `kit/images.py`."""

import io
import signal
import sys
import warnings
from typing import BinaryIO

import msgspec
from PIL import Image, ImageStat
from PIL.JpegImagePlugin import JpegImageFile

from posrednik.kit.images import LENGTH, Picture, Refused
from posrednik.kit.parent import die_with_parent

MOST_PIXELS = 50_000_000
SMALL_PX, SMALL_QUALITY = 320, 75
MEMORY_BYTES, CPU_S = 1024**3, 8.0
ORIENTATION = 0x0112
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_270, 7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}  # fmt: skip
SIDEWAYS = {5, 6, 7, 8}


def look(data: bytes) -> Picture | Refused:
    """Decode a JPEG completely, however small the result: a truncated one must be noticed.

    `JpegImageFile` and not `Image.open`: the bytes decide, and no other decoder is ever tried on them.
    """
    if not data.startswith(b"\xff\xd8\xff"):
        return Refused("no JPEG")
    try:
        return _picture(data)
    except Exception as error:  # the top of this process: whatever a decoder raises of a picture is about the picture
        return Refused(f"{type(error).__name__}: {error}"[:200])


def _picture(data: bytes) -> Picture | Refused:
    image: Image.Image = JpegImageFile(io.BytesIO(data))
    width, height = image.size
    if width * height > MOST_PIXELS:
        return Refused(f"{width}x{height} pixels")
    turn = _turn(image)
    image.thumbnail((SMALL_PX, SMALL_PX))
    small = _upright(image, turn)
    if turn in SIDEWAYS:
        width, height = height, width
    grey = small.convert("L")
    return Picture(width, height, ImageStat.Stat(grey).mean[0] / 255, difference_hash(grey), _bare_jpeg(small))


def _turn(image: Image.Image) -> int:
    """The EXIF orientation, 1 = upright. Broken EXIF is no reason to refuse a picture."""
    try:
        return int(image.getexif().get(ORIENTATION, 1))
    except Exception:
        return 1


def _upright(image: Image.Image, turn: int) -> Image.Image:
    turned = image.transpose(TURNS[turn]) if turn in TURNS else image
    return turned.convert("RGB")


def difference_hash(grey: Image.Image) -> int:
    """64 bits: in each of 8 rows of 9 cells, whether a cell is brighter than its right neighbour."""
    cells = grey.resize((9, 8), Image.Resampling.BOX).tobytes()
    pairs = [(row * 9 + column, row * 9 + column + 1) for row in range(8) for column in range(8)]
    return sum((cells[left] > cells[right]) << 63 - n for n, (left, right) in enumerate(pairs))


def _bare_jpeg(image: Image.Image) -> bytes:
    """Without EXIF, comment or profile: where it was taken is not for everybody who sees the small picture."""
    image.info.clear()
    written = io.BytesIO()
    image.save(written, "JPEG", quality=SMALL_QUALITY, optimize=True)
    return written.getvalue()


def serve(asked: BinaryIO, answers: BinaryIO) -> None:
    """Until the input ends."""
    while len(head := asked.read(LENGTH.size)) == LENGTH.size:
        data = asked.read(LENGTH.unpack(head)[0])
        _hurry(CPU_S)
        answer = msgspec.msgpack.encode(look(data))
        _hurry(0)
        answers.write(LENGTH.pack(len(answer)) + answer)
        answers.flush()


def _hurry(cpu_s: float) -> None:
    """After so much processor time (not: waiting) this process is ended by SIGPROF. 0: no more."""
    if sys.platform != "win32":
        signal.setitimer(signal.ITIMER_PROF, cpu_s)


def _limit() -> None:
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def main() -> None:
    """Ends with the process that started it: by the kernel, and because its input ends then."""
    warnings.simplefilter("ignore")  # what Pillow remarks on strangers' EXIF is not for our log
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    die_with_parent(signal.SIGKILL)
    _limit()
    serve(sys.stdin.buffer, sys.stdout.buffer)


if __name__ == "__main__":
    main()

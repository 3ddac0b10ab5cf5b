"""Photos of parcels at doors, drawn: no two are alike, as those that a phone takes are not."""

import hashlib
import io
import random

from PIL import Image, ImageDraw

SIZE = (640, 480)


def photo(rng: random.Random) -> tuple[str, bytes]:
    """A JPEG and its SHA-256 in hex."""
    image = Image.new("RGB", SIZE, _colour(rng, 120, 220))
    draw = ImageDraw.Draw(image)
    for _ in range(9):  # light and shadow on the walls: what tells one entrance from another
        draw.polygon([(rng.randrange(640), rng.randrange(480)) for _ in range(3)], fill=_colour(rng, 60, 240))
    left = rng.randrange(60, 360)
    draw.rectangle((left, 70, left + 190, 440), fill=_colour(rng, 50, 150), outline=(30, 30, 30), width=4)
    draw.ellipse((left + 160, 250, left + 176, 266), fill=(220, 200, 120))
    box = rng.randrange(20, 440)
    draw.rectangle((box, 340, box + 170, 460), fill=(190, 150, 100), outline=(110, 80, 50), width=3)
    draw.line((box + 85, 340, box + 85, 460), fill=(230, 210, 170), width=12)
    made = io.BytesIO()
    image.save(made, "JPEG", quality=80)
    return hashlib.sha256(made.getvalue()).hexdigest(), made.getvalue()


def _colour(rng: random.Random, low: int, high: int) -> tuple[int, int, int]:
    return rng.randrange(low, high), rng.randrange(low, high), rng.randrange(low, high)

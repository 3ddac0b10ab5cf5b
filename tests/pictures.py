"""Pictures for tests: every number gives another one, the same for everybody."""

import hashlib
import io

from PIL import Image


def picture(number: int = 0) -> tuple[str, bytes]:
    """A JPEG that no other number has, and its SHA-256."""
    made = io.BytesIO()
    colour = (80 + number * 53 % 170, 60 + number * 97 % 190, 50 + number * 31 % 200)
    image = Image.new("RGB", (64, 48), colour)
    for x in range(64):
        image.putpixel((x, (x * (number + 3)) % 48), (number * 7 % 256, 255 - number % 256, x * 4))
    image.save(made, "JPEG", quality=80)
    return hashlib.sha256(made.getvalue()).hexdigest(), made.getvalue()

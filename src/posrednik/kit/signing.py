"""Standard Webhooks 1.0.0, scheme v1: HMAC-SHA256 over `id.timestamp.body`, told in three headers."""

import binascii
import hmac
from collections.abc import Sequence

HEADER_ID = "webhook-id"
HEADER_TIMESTAMP = "webhook-timestamp"
HEADER_SIGNATURE = "webhook-signature"


class Signer:
    """Signs with every key given, newest first, so that a receiver may hold either while they change."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        # What depends on the key alone is hashed once; each message works on a copy.
        self._keys = tuple(hmac.new(key, digestmod="sha256") for key in keys)

    def headers(self, message_id: str, timestamp_s: int, body: bytes) -> dict[str, str]:
        """Headers of one attempt; the timestamp is its own, so a repeat is signed anew."""
        stamp = str(timestamp_s)
        content = b"%b.%b.%b" % (message_id.encode(), stamp.encode(), body)
        signatures = [_signature(key.copy(), content) for key in self._keys]
        return {HEADER_ID: message_id, HEADER_TIMESTAMP: stamp, HEADER_SIGNATURE: " ".join(signatures)}


def _signature(keyed: hmac.HMAC, content: bytes) -> str:
    keyed.update(content)
    return "v1," + binascii.b2a_base64(keyed.digest(), newline=False).decode()

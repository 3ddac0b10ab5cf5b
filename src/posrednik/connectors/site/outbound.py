"""Event -> signed request, pure. Signatures: Standard Webhooks 1.0.0, scheme v1 (HMAC-SHA256)."""

import base64
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from yarl import URL

from posrednik.connectors.base import StoredBody
from posrednik.connectors.site import wire
from posrednik.kit import signing
from posrednik.kit.addresses import is_loopback

_encode = msgspec.json.Encoder().encode


class BadTarget(ValueError):
    """A subscription that must not be called: its address or secret is unfit. The text is for people."""


def target(url: str, allow_private: bool) -> URL:
    """The address to post to, parsed once.

    Raises BadTarget unless it is https without a user part; plain http only to this machine and only when
    private addresses are allowed.
    """
    try:
        parsed = URL(url)
    except ValueError as error:
        raise BadTarget("адрес подписки записан неверно") from error
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise BadTarget("адрес подписки должен начинаться с https:// и называть сервер")
    if parsed.user is not None or parsed.password is not None:
        raise BadTarget("в адресе подписки не должно быть имени пользователя и пароля")
    if parsed.scheme == "http" and not (allow_private and is_loopback(parsed.host)):
        raise BadTarget("подписка без https разрешена только для этой же машины")
    return parsed.with_fragment(None)


class Signer:
    """Signs with every secret given, newest first. Raises BadTarget for a secret that cannot be read, or for none."""

    def __init__(self, secrets: Sequence[str]) -> None:
        if not secrets:
            raise BadTarget("у подписки нет секрета")
        self._signer = signing.Signer([decode_secret(secret) for secret in secrets])

    def headers(self, message_id: str, timestamp_s: int, body: bytes) -> dict[str, str]:
        """All headers of one attempt."""
        return {"Content-Type": "application/json"} | self._signer.headers(message_id, timestamp_s, body)


def decode_secret(secret: str) -> bytes:
    """The key inside `whsec_…`: base64, with or without its padding, 16 to 64 bytes. Raises BadTarget."""
    text = secret.removeprefix(wire.SECRET_PREFIX)
    try:
        key = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except ValueError as error:
        raise BadTarget("секрет подписки записан неверно") from error
    if not 16 <= len(key) <= 64:
        raise BadTarget("секрет подписки должен быть длиной от 16 до 64 байт")
    return key


def encode(body: Mapping[str, Any]) -> bytes:
    """The exact bytes that are signed and sent; what is stored goes out as it stands."""
    return body.text.encode() if isinstance(body, StoredBody) else _encode(body)

"""The module's check of signatures agrees with ours and with the reference library, whatever is signed."""

import base64
import json
import subprocess
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from standardwebhooks import Webhook, WebhookVerificationError
from tests.site.php_site import TESTS

from posrednik.connectors.site import outbound

Check = Callable[..., str]
keys = st.binary(min_size=24, max_size=64)
ids = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=40)
bodies = st.one_of(
    st.dictionaries(st.text(), st.text() | st.integers(-(2**53), 2**53)).map(lambda data: json.dumps(data).encode()),
    st.text(min_size=1).map(str.encode),
)
quick = settings(max_examples=150, deadline=None)


@pytest.fixture(scope="module")
def check(php: str) -> Iterator[Check]:
    """Asks one PHP process: "good" or the reason."""
    with subprocess.Popen(
        [php, str(TESTS / "verify.php")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
    ) as process:
        into, out = process.stdin, process.stdout
        assert into is not None
        assert out is not None

        def ask(secrets: list[str], headers: dict[str, str], body: bytes, now: float | None = None) -> str:
            told: dict[str, Any] = {
                "secrets": secrets, "id": headers["webhook-id"], "timestamp": headers["webhook-timestamp"],
                "signature": headers["webhook-signature"], "body": base64.b64encode(body).decode(),
            }  # fmt: skip
            into.write(json.dumps(told | ({} if now is None else {"now": int(now)})) + "\n")
            into.flush()
            return out.readline().strip()

        yield ask
        into.close()
        process.wait(10)


def secret_of(key: bytes, padded: bool) -> str:
    text = base64.b64encode(key).decode()
    return "whsec_" + (text if padded else text.rstrip("="))


@quick
@given(keys, keys, ids, bodies, st.booleans(), st.sampled_from(["first", "second", "both"]))
def test_what_we_sign_is_good(check: Check, old: bytes, new: bytes, id: str, body: bytes, padded: bool, held: str):
    secrets = [secret_of(new, padded), secret_of(old, not padded)]
    headers = outbound.Signer(secrets).headers(id, int(time.time()), body)
    held_by_site = {"first": secrets[:1], "second": secrets[1:], "both": secrets[::-1]}[held]
    assert check(held_by_site, headers, body) == "good"


@quick
@given(keys, ids, bodies)
def test_what_the_reference_library_signs_is_good(check: Check, key: bytes, id: str, body: bytes):
    at, secret = datetime.now(UTC), secret_of(key, True)
    signature = Webhook(secret).sign(id, at, body.decode())
    headers = {"webhook-id": id, "webhook-timestamp": str(int(at.timestamp())), "webhook-signature": signature}
    assert check([secret], headers, body) == "good"


@quick
@given(
    keys, ids, bodies, st.integers(-400, 400),
    st.sampled_from(["body", "id", "timestamp", "signature", "version", "key", "nothing"]), st.data(),
)  # fmt: skip
def test_both_libraries_say_the_same_of_what_was_changed(
    check: Check, key: bytes, id: str, body: bytes, late_s: int, changed: str, data: st.DataObject
):
    if 290 <= abs(late_s) <= 310:
        late_s = 0  # at the border itself the two ask the clock at different moments
    secret = secret_of(key, True)
    headers = outbound.Signer([secret]).headers(id, int(time.time()) - late_s, body)
    match changed:
        case "body":
            place = data.draw(st.integers(0, len(body) - 1))
            body = body[:place] + bytes([body[place] ^ 1]) + body[place + 1 :]
        case "id":
            headers["webhook-id"] += "x"
        case "timestamp":
            headers["webhook-timestamp"] = str(int(headers["webhook-timestamp"]) + 1)
        case "signature":
            flipped = bytes([base64.b64decode(headers["webhook-signature"][3:])[0] ^ 1])
            rest = base64.b64decode(headers["webhook-signature"][3:])[1:]
            headers["webhook-signature"] = "v1," + base64.b64encode(flipped + rest).decode()
        case "version":
            headers["webhook-signature"] = "v2" + headers["webhook-signature"][2:]
        case "key":
            secret = secret_of(key[::-1] + b"x", True)
    try:
        Webhook(secret).verify(body, headers, json_parse=False)
        expected = True
    except (WebhookVerificationError, UnicodeDecodeError):
        expected = False
    assert (check([secret], headers, body) == "good") is expected

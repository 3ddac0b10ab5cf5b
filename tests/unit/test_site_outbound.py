"""Signatures agree with the reference library of Standard Webhooks, and unfit subscriptions are refused."""

import base64
import json
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook, WebhookVerificationError

from posrednik.connectors import site
from posrednik.connectors.site import outbound

OLD = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
NEW = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
SAMPLES = sorted((Path(site.__file__ or "").parent / "samples").glob("*.json"))


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_a_recorded_request_is_made_again_to_the_byte(path: Path) -> None:
    sample: dict[str, Any] = json.loads(path.read_text())
    body = outbound.encode(sample["body"])
    assert body == sample["bytes"].encode()
    headers = outbound.Signer(sample["secrets"]).headers(sample["id"], sample["timestamp"], body)
    assert headers["webhook-id"] == sample["id"]
    assert headers["webhook-timestamp"] == str(sample["timestamp"])
    assert headers["webhook-signature"] == sample["signature"]


@given(st.binary(min_size=24, max_size=64), st.dictionaries(st.text(), st.text() | st.integers(-(2**53), 2**53)))
def test_the_reference_library_accepts_what_we_sign(key: bytes, data: dict[str, Any]) -> None:
    secret = "whsec_" + base64.b64encode(key).decode()
    body = outbound.encode(data)
    headers = outbound.Signer([secret]).headers("msg_1", int(time.time()), body)
    assert Webhook(secret).verify(body, headers) == json.loads(body)


def test_while_a_secret_changes_either_one_is_enough() -> None:
    headers = outbound.Signer([NEW, OLD]).headers("msg_1", int(time.time()), b"{}")
    for secret in (OLD, NEW):
        Webhook(secret).verify(b"{}", headers)


def test_a_changed_body_is_not_accepted() -> None:
    headers = outbound.Signer([OLD]).headers("msg_1", int(time.time()), b"{}")
    with pytest.raises(WebhookVerificationError):
        Webhook(OLD).verify(b"{ }", headers)


def test_a_secret_without_padding_is_the_same_secret() -> None:
    key = bytes(range(25))
    full = base64.b64encode(key).decode()
    assert outbound.decode_secret("whsec_" + full) == outbound.decode_secret("whsec_" + full.rstrip("=")) == key


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_не секрет", "whsec_c2hvcnQ=", "whsec_" + "A" * 200])
def test_an_unfit_secret_is_refused_and_not_quoted(secret: str) -> None:
    with pytest.raises(outbound.BadTarget) as refused:
        outbound.Signer([secret])
    assert secret.removeprefix("whsec_") == "" or secret not in str(refused.value)


def test_a_subscription_without_secrets_is_refused() -> None:
    with pytest.raises(outbound.BadTarget):
        outbound.Signer([])


@pytest.mark.parametrize(
    ("url", "allow_private", "is_fit"),
    [
        ("https://shop.example/hook?x=1", False, True),
        ("http://shop.example/hook", False, False),
        ("http://shop.example/hook", True, False),
        ("http://127.0.0.1:8080/hook", False, False),
        ("http://127.0.0.1:8080/hook", True, True),
        ("http://[::1]:8080/hook", True, True),
        ("http://localhost/hook", True, True),
        ("https://user:password@shop.example/hook", True, False),
        ("https://user@shop.example/hook", True, False),
        ("ftp://shop.example/hook", True, False),
        ("file:///etc/passwd", True, False),
        ("https:///hook", True, False),
        ("not a url", True, False),
        ("http://127.0.0.1.evil.example/hook", True, False),
    ],
)
def test_only_fit_addresses_are_called(url: str, allow_private: bool, is_fit: bool) -> None:
    if is_fit:
        assert str(outbound.target(url, allow_private)) == url
    else:
        with pytest.raises(outbound.BadTarget):
            outbound.target(url, allow_private)

"""Hashes, signatures and texts of the extension against published vectors."""

import base64
import hashlib
import hmac
import json
import uuid
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from standardwebhooks import Webhook
from tests.bsl.platform.crypto import BinaryData
from tests.onec.extension import Base, Clock

# RFC 4231, test cases 1 to 7 (5 is about truncation): key, data, HMAC-SHA-256.
RFC4231 = [
    (b"\x0b" * 20, b"Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
    (b"Jefe", b"what do ya want for nothing?", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
    (b"\xaa" * 20, b"\xdd" * 50, "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"),
    (bytes(range(1, 26)), b"\xcd" * 50, "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"),
    (b"\xaa" * 131, b"Test Using Larger Than Block-Size Key - Hash Key First",
     "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"),
    (b"\xaa" * 131, b"This is a test using a larger than block-size key and a larger than block-size data. The key "
     b"needs to be hashed before being used by the HMAC algorithm.",
     "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"),
]  # fmt: skip
quick = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
texts = st.text(st.characters(codec="utf-8"), max_size=40)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Base:
    return Base(Path(tmp_path_factory.mktemp("crypto")), None, Clock(), known=False)


@pytest.mark.parametrize(("key", "data", "expected"), RFC4231)
def test_hmac_gives_the_vectors_of_rfc_4231(base: Base, key: bytes, data: bytes, expected: str) -> None:
    made = base.session.call("кд_ОбщегоНазначения.HMACSHA256", BinaryData(key), BinaryData(data))
    assert made.data.hex() == expected


@quick
@given(st.binary(max_size=200), st.binary(max_size=300))
def test_hmac_is_that_of_every_other_program(base: Base, key: bytes, data: bytes) -> None:
    made = base.session.call("кд_ОбщегоНазначения.HMACSHA256", BinaryData(key), BinaryData(data))
    assert made.data == hmac.new(key, data, hashlib.sha256).digest()


def test_a_signature_is_that_of_the_reference_library_of_standard_webhooks(base: Base) -> None:
    # The vector of the specification's reference implementations.
    secret, key = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    sign = "кд_ОбщегоНазначения.ПодписьВебхука"
    body = b'{"test": 2432232314}'
    made = base.session.call(
        sign, BinaryData(base64.b64decode(key)), "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", BinaryData(body)
    )
    assert made == "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="

    now = "1700000000"
    body = '{"имя": "Ёлка"}'.encode()
    made = base.session.call(sign, BinaryData(base64.b64decode(key)), "msg_2", now, BinaryData(body))
    headers = {"webhook-id": "msg_2", "webhook-timestamp": now, "webhook-signature": f"v1,{made}"}
    assert _verifies(secret, body, headers)


def _verifies(secret: str, body: bytes, headers: dict[str, str]) -> bool:
    webhook = Webhook(secret)
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    digest = hmac.new(webhook._whsecret, signed, hashlib.sha256).digest()
    return headers["webhook-signature"] == f"v1,{base64.b64encode(digest).decode()}"


@quick
@given(st.uuids(), texts)
def test_a_name_gives_the_same_identifier_as_everywhere(base: Base, space: uuid.UUID, name: str) -> None:
    assert base.call("кд_ОбщегоНазначения.ИдентификаторПоИмени", str(space), name) == str(uuid.uuid5(space, name))


@quick
@given(texts)
def test_a_hash_is_that_of_the_text_in_utf_8(base: Base, text: str) -> None:
    assert base.call("кд_ОбщегоНазначения.ХешSHA256", text) == hashlib.sha256(text.encode()).hexdigest()


@quick
@given(texts, texts)
def test_secrets_are_equal_only_to_themselves(base: Base, one: str, other: str) -> None:
    assert base.call("кд_ОбщегоНазначения.РавныСтроки", one, one) is True
    assert base.call("кд_ОбщегоНазначения.РавныСтроки", one, other) is (one == other)


values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**12), 10**12) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)


def _harmless(value: Any) -> Any:
    if isinstance(value, str):
        return "".join(c if (ord(c) >= 32 and ord(c) not in (0xFFFE, 0xFFFF)) or c in "\t\r\n" else " " for c in value)
    if isinstance(value, list):
        return [_harmless(one) for one in value]
    return {key: _harmless(one) for key, one in value.items()} if isinstance(value, dict) else value


@quick
@given(values)
def test_json_keeps_a_value_but_for_characters_that_nobody_may_send(base: Base, value: Any) -> None:
    text = base.call("кд_ОбщегоНазначения.ВJSON", value)
    assert "\n" not in text
    assert json.loads(text) == _harmless(value)


def test_a_scanners_control_character_and_a_smile(base: Base) -> None:
    text = base.call("кд_ОбщегоНазначения.ВJSON", {"comment": "5\x0207 дом\x0c\x08 \U0001f600", "path": "C:\\bin\\f"})
    assert json.loads(text) == {"comment": "5 07 дом   \U0001f600", "path": "C:\\bin\\f"}


@pytest.mark.parametrize(
    ("number", "money", "quantity"),
    [(1234567.5, "1234567.50", "1234567.5"), (0, "0.00", "0"), (-5.125, "-5.13", "-5.125"), (2, "2.00", "2")],
)
def test_numbers_have_a_point_and_no_groups(base: Base, number: float, money: str, quantity: str) -> None:
    assert base.call("кд_ОбщегоНазначения.СуммаСтрокой", number) == money
    assert base.call("кд_ОбщегоНазначения.КоличествоСтрокой", number) == quantity


def test_moments_are_told_in_utc_with_milliseconds_or_by_the_bases_clock(base: Base) -> None:
    assert base.call("кд_ОбщегоНазначения.МоментISO", 1700000000007) == "2023-11-14T22:13:20.007Z"
    assert base.call("кд_ОбщегоНазначения.МоментISO", 1700000000000) == "2023-11-14T22:13:20.000Z"
    assert base.call("кд_ОбщегоНазначения.СейчасISO") == "2026-11-23T12:00:00+03:00"
    assert abs(base.call("кд_ОбщегоНазначения.СейчасМС") - base.clock.ms) < 50


@pytest.mark.parametrize(("hours", "shown"), [(0, "+00:00"), (-3.5, "-03:30"), (12.75, "+12:45"), (-10, "-10:00")])
def test_a_moment_says_how_far_the_session_is_from_utc(tmp_path: Path, hours: float, shown: str) -> None:
    base = Base(tmp_path, None, Clock(), known=False, offset_h=hours)
    assert base.call("кд_ОбщегоНазначения.СейчасISO")[19:] == shown

"""contract.md §7: one TOML file, the environment over it, secrets from files, and plain errors."""

import re
from pathlib import Path

import pytest

from posrednik.bootstrap import rules_of
from posrednik.config import ConfigError, load, summary
from posrednik.domain.policy import DivisionPolicy, Reason

BASE = 'id = "b0000000-0000-4000-8000-000000000001"'


def read(tmp_path: Path, text: str, **environ: str):
    path = tmp_path / "posrednik.toml"
    path.write_text(text, encoding="utf-8")
    return load(str(path), environ)


def test_without_a_file_everything_has_its_default():
    settings = load(None, {})
    assert (settings.server.listen, settings.server.data_dir, settings.database.url) == ("127.0.0.1:8000", "./var", "")
    assert (settings.server.max_objects, settings.server.max_commands) == (1000, 200)
    assert settings.server.max_body_bytes == 4 * 1024 * 1024
    assert settings.webhooks.allow_private is False


def test_the_keys_of_the_contract_are_read(tmp_path: Path):
    settings = read(
        tmp_path,
        f"""
        [server]
        listen = "127.0.0.1:9000"
        public_url = "https://p.example/"
        [database]
        url = "postgresql:///x"
        [[bases]]
        {BASE}
        name = "УТ"
        time_zone = "Asia/Omsk"
        token = "t"
        lease_s = 5
        [bitrix24]
        portal_url = "https://x.bitrix24.ru"
        webhook = "1/s"
        [[divisions]]
        ref = "d1"
        mode = "shadow"
        bitrix24_group = 7
        cash_ceiling = "30000"
        [webhooks]
        allow_private = true
        [[subscriptions]]
        url = "https://shop.example/"
        secret = "whsec_x"
        events = ["delivery.*"]
    """,
    )
    assert (settings.server.port, settings.server.url) == (9000, "https://p.example")
    assert (settings.bases[0].lease_s, settings.divisions[0].bitrix24_group) == (5, 7)
    assert settings.subscriptions[0].events == ("delivery.*",)


def test_the_environment_wins_over_the_file_and_names_the_file(tmp_path: Path):
    settings = read(tmp_path, '[server]\nlisten = "127.0.0.1:1"', POSREDNIK_SERVER_LISTEN="127.0.0.1:2",
                    POSREDNIK_DATABASE_URL="postgresql:///y", POSREDNIK_WEBHOOKS_ALLOW_PRIVATE="true",
                    POSREDNIK_CHAOS_ORDERS="5")  # fmt: skip
    assert (settings.server.port, settings.database.url, settings.webhooks.allow_private) == (
        2,
        "postgresql:///y",
        True,
    )
    assert load(None, {"POSREDNIK_CONFIG": str(tmp_path / "posrednik.toml")}).server.port == 1


def test_secrets_may_be_in_files_beside_the_configuration(tmp_path: Path):
    (tmp_path / "hook").write_text("1/abc\n")
    (tmp_path / "dsn").write_text("postgresql://u:p@h/x\n")
    text = f'[[bases]]\n{BASE}\ntoken_file = "hook"\n[bitrix24]\nwebhook_file = "hook"\n[database]\nurl_file = "dsn"'
    settings = read(tmp_path, text)
    assert (settings.bases[0].token, settings.bitrix24.webhook) == ("1/abc", "1/abc")
    assert settings.database.url == "postgresql://u:p@h/x"
    other = tmp_path / "other"
    other.write_text("2/def")
    assert read(tmp_path, text, POSREDNIK_BITRIX24_WEBHOOK_FILE=str(other)).bitrix24.webhook == "2/def"


def test_what_a_division_asks_of_its_couriers_is_read(tmp_path: Path):
    rules = rules_of(
        read(
            tmp_path,
            """
            [proofs]
            hand_over = { photo = "optional" }
            [[divisions]]
            ref = "D1"
            radius_m = 350
            cash_ceiling = "30 000,50"
            phone = "+7 (383) 000-00-00"
            reasons = ["other", { code = "dog", ru = "злая собака", en = "a fierce dog" }]
            [divisions.proofs]
            hand_over = { position = "required" }
            depart = { photo = "off" }
        """,
        )
    )
    policy = rules.of("d1").policy
    assert (policy.radius_m, policy.cash_ceiling_kop, policy.phone) == (350, 3_000_050, "+7 (383) 000-00-00")
    assert policy.reasons == (Reason("other", "другое", "other"), Reason("dog", "злая собака", "a fierce dog"))
    assert policy.reason_codes == ("other", "dog")
    # The division's own over [proofs] over the defaults.
    levels = [policy.proofs.level("hand_over", proof) for proof in ("photo", "position", "amount")]
    assert levels == ["optional", "required", "required"]
    assert policy.proofs.level("depart", "photo") == "off"
    other = rules.of("not listed").policy
    assert (other.proofs.level("hand_over", "photo"), other.proofs.level("depart", "photo")) == ("optional",) * 2


def test_a_division_that_is_not_listed_and_one_that_says_nothing_have_the_defaults(tmp_path: Path):
    rules = rules_of(read(tmp_path, "[[divisions]]\nref = 'd1'"))
    assert rules.of("d1").policy == rules.of("other").policy == DivisionPolicy()


@pytest.mark.parametrize(("text", "told"), [
    ("[server]\nlisten = 5", "listen"),
    ('[server]\nlisten = "localhost"', "server.listen"),
    ('[server]\nlisten = "127.0.0.1:99999"', "server.listen"),
    ("[server]\nlissten = 'x'", "lissten"),
    ("[sevrer]\nlisten = 'x'", "sevrer"),
    ("[server]\nrequests_per_second = 0.0", "requests_per_second"),
    ("[server]\nmax_objects = 0", "max_objects"),
    ("[server", "toml"),
    ("server = 5", "server"),
    ("[[bases]]\nname = 'x'", "id"),
    (f"[[bases]]\n{BASE}\ntime_zone = 'Europe/Nowhere'", "Nowhere"),
    (f"[[bases]]\n{BASE}\ntime_zone = '../etc'", "time_zone"),
    (f"[[bases]]\n{BASE}\nlease_s = 0", "lease_s"),
    (f"[[bases]]\n{BASE}\n[[bases]]\n{BASE}", "twice"),
    (f"[[bases]]\n{BASE}\nmode = 'telepathy'", "mode"),
    ("[[divisions]]\nref = 'd'\nmode = 'maybe'", "mode"),
    ("[bitrix24]\nwebhook_file = 'nowhere'", "webhook_file"),
    ("[proofs]\nhand_over = { foto = 'warn' }", 'proofs: proof of hand_over: "foto" is none of photo, position'),
    ("[proofs]\nhand_over = { photo = 'must' }", 'level of hand_over.photo: "must" is none of required, warn'),
    ("[proofs]\nhandover = { photo = 'warn' }", "handover"),
    ("[proofs]\nhand_over = 'photo'", "hand_over"),
    ("[[divisions]]\nref = 'd'\nproofs = { fly = { photo = 'warn' } }", 'divisions d: proofs: step: "fly" is none of'),
    ("[[divisions]]\nref = 'd'\nradius_m = 0", "radius_m"),
    ("[[divisions]]\nref = 'd'\ncash_ceiling = 'много'", "cash_ceiling is not a number"),
    ("[[divisions]]\nref = 'd'\ncash_ceiling = '-1'", "cash_ceiling is not below 0"),
    (f"[[bases]]\n{BASE}\n[bases.odata]\nurl = 'http://1c.example/x'", "odata.url: expected https"),
    (f"[[bases]]\n{BASE}\n[bases.odata]\nurl = 'https://1c.example/x'\nparallel = 9", "parallel is 1 to 4"),
    (f"[[bases]]\n{BASE}\n[bases.odata]\nurl = 'https://1c.example/x'\nprofile = 'erp'", "ut11, ut103"),
    (f"[[bases]]\n{BASE}\n[bases.odata]\nuser = 'x'", "url"),
    ("[[divisions]]\nref = 'd'\nphone = 'javascript:1'", "phone"),
    ("[[divisions]]\nref = 'd'\nreasons = []", "reasons are at least one"),
    ("[[divisions]]\nref = 'd'\nreasons = ['other', 'other']", "each code once"),
    ("[[divisions]]\nref = 'd'\nreasons = ['rain']", 'reason "rain" is none of not_home'),
    ("[[divisions]]\nref = 'd'\nreasons = [{code = 'Rain', ru = 'дождь', en = 'rain'}]", "a-z"),
    ("[[divisions]]\nref = 'd'\nreasons = [{code = 'rain', ru = ' ', en = 'rain'}]", "the texts ru and en"),
    ("[[divisions]]\nref = 'd'\nreasons = [{code = 'rain', ru = 'дождь'}]", "en"),
    ("[photos]\nurl = '/var/photos'", "photos.url: expected"),
    ("[photos]\nurl = 's3://'", "photos.url: expected"),
    ("[photos]\nurl = 's3://bucket/..'", "photos.url: expected"),
    ("[photos]\nregion = 'ru-1'", "photos: the other keys are for url"),
    ("[photos]\nurl = 's3://bucket'\naccess_key_id = 'x'", "go together"),
    ("[photos]\nurl = 's3://bucket'\nendpoint = 'http://storage.example'\nallow_http = true", "photos.endpoint"),
    ("[photos]\nurl = 's3://bucket'\nendpoint = 'http://127.0.0.1:9000'", "photos.allow_http"),
    ("[photos]\nurl = 's3://bucket'\nallow_http = true", "photos.allow_http"),
])  # fmt: skip
def test_what_cannot_be_used_is_told_by_its_key(tmp_path: Path, text: str, told: str):
    with pytest.raises(ConfigError, match=told):
        read(tmp_path, text, POSREDNIK_SERVER_LOG_LEVEL="info")


@pytest.mark.parametrize(
    "more", ["", "endpoint = 'https://storage.example'", "endpoint = 'http://127.0.0.1:9000'\nallow_http = true"]
)
def test_photos_may_be_in_a_bucket(tmp_path: Path, more: str):
    assert read(tmp_path, f"[photos]\nurl = 's3://bucket/some/prefix'\n{more}").photos.url == "s3://bucket/some/prefix"


def test_the_line_at_the_start_shows_no_secret(tmp_path: Path):
    settings = read(
        tmp_path,
        f"""
        [database]
        url = "postgresql://user:hidden@host/x"
        [[bases]]
        {BASE}
        token = "hidden"
        odata = {{ url = "https://1c.example/x", password = "hidden" }}
        [bitrix24]
        webhook = "1/hidden"
        [photos]
        url = "s3://bucket/prefix"
        access_key_id = "hidden"
        secret_access_key = "hidden"
        [[subscriptions]]
        url = "https://shop.example/"
        secret = "whsec_hidden"
    """,
    )
    told = summary(settings)
    assert "hidden" not in str(told)
    assert (told["bitrix24"]["webhook"], told["server"]["metrics_token"]) == ("set", "not set")


def test_owners_of_fields_are_read_and_unknown_names_refused_in_words(tmp_path: Path):
    rows = '"order.comment" = ["1c", "base:УТ"]\n"product.*" = ["site"]'
    settings = read(tmp_path, f'[[bases]]\n{BASE}\nname = "УТ"\n[ownership]\n{rows}')
    assert settings.ownership == {"order.comment": ("1c", "base:УТ"), "product.*": ("site",)}
    assert not rules_of(settings).ownership.may_write("product", "name", "1c", "УТ")
    for row, said in (
        ('"orders.comment" = ["1c"]', '"orders.comment": expected "kind.field"'),
        ('"order.recipient.phone" = ["1c"]', '"order.recipient.phone": this kind has no such field'),
        ('"order.comment" = ["base:Склад"]', '"order.comment": owners are 1c, posrednik'),
        ('"order.comment" = []', '"order.comment": at least one owner'),
    ):
        with pytest.raises(ConfigError, match=re.escape(said)):
            read(tmp_path, f"[ownership]\n{row}")

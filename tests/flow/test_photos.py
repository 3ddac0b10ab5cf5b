"""Photos over HTTP: what is taken, what is durable, who may see it, and what is refused."""

import asyncio
import hashlib
import resource
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import hypothesis
import jsonschema_rs
import pytest
from httpx import AsyncClient, Response
from hypothesis import HealthCheck, given
from hypothesis import strategies as st
from tests.flow.courier_phone import Phone, a_phone
from tests.flow.exchange_client import (
    BASE_TOKEN,
    COURIER,
    FEED_TOKEN,
    PERSON_TOKEN,
    SECOND_COURIER,
    Service,
    new_ref,
    running,
    settings,
)
from tests.flow.test_api_edges import is_problem
from tests.store.fake_s3 import KEY_ID, SECRET, fake_s3
from tests.unit.test_images import jpeg, scene

from posrednik.api.services import Services
from posrednik.config import Photos, Server
from posrednik.kit import metrics
from posrednik.store.db import Tx
from posrednik.usecases import keep_photo

Json = dict[str, Any]
JPEG = {"Content-Type": "image/jpeg"}
PERSON = {"Authorization": f"Bearer {PERSON_TOKEN}"}


def hash_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@pytest.fixture
async def service(database: str, tmp_path: Path) -> AsyncIterator[Service]:
    server = Server(requests_per_second=1e6, request_burst=1e6, data_dir=str(tmp_path))
    async with running(database, settings(server=server)) as made:
        yield made


def services_of(service: Service) -> Services:
    made: Services = service.client._transport.app.state.services
    return made


async def put(client: AsyncClient, data: bytes, *, sha256: str | None = None, **headers: str) -> Response:
    path = f"/api/v1/photos/{sha256 or hash_of(data)}"
    return await client.put(path, content=data, headers={**PERSON, **JPEG, **headers})


async def get(service: Service, sha256: str, *, headers: Json = PERSON, **query: Any) -> Response:
    return await service.client.get(f"/api/v1/photos/{sha256}", headers=headers, params=query)


def files(folder: Path) -> list[str]:
    root = folder / "photos"
    return sorted(path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file())


async def rows(service: Service) -> int:
    return len(await service.rows("SELECT 1 FROM photo"))


# -- what is taken


async def test_a_photo_is_new_once_and_known_after_that(service: Service, tmp_path: Path):
    data = jpeg()
    sha256 = hash_of(data)
    first, again = await put(service.client, data), await put(service.client, data, sha256=sha256.upper())
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json() == {"sha256": sha256, "bytes": len(data), "width": 640, "height": 480}
    folder = f"{sha256[:2]}/{sha256[2:4]}"
    assert files(tmp_path) == [f"{folder}/{sha256}.jpg", f"{folder}/{sha256}.small.jpg"]
    assert (tmp_path / "photos" / folder / f"{sha256}.jpg").read_bytes() == data
    (row,) = await service.rows("SELECT owner FROM photo_owner")
    assert row["owner"] == "person:Логист"


async def test_the_same_photo_of_two_people_has_two_owners(service: Service):
    phone, data = await a_phone(service), jpeg()
    assert (await put(service.client, data)).status_code == 201
    answer = await phone.call("PUT", f"photos/{hash_of(data)}", content=data, headers=JPEG)
    assert answer.status_code == 200
    owners = await service.rows("SELECT owner FROM photo_owner ORDER BY owner")
    assert [row["owner"] for row in owners] == [f"device:{COURIER}", "person:Логист"]


async def test_a_photo_sent_many_times_at_once_is_new_exactly_once(service: Service, tmp_path: Path):
    data = jpeg()

    async def taken() -> int:
        while (answer := await put(service.client, data)).status_code == 503:  # too busy: a phone asks again, too
            pass
        return answer.status_code

    assert sorted(await asyncio.gather(*(taken() for _ in range(8)))) == [200] * 7 + [201]
    assert (await rows(service), len(files(tmp_path))) == (1, 2)


async def test_a_crash_between_the_bytes_and_the_row_is_repaired_by_the_repeat(service: Service, tmp_path: Path):
    data, keeper = jpeg(), services_of(service).keep_photo

    async def crash(tx: Tx, sha256: str) -> None:
        raise ConnectionAbortedError

    keeper._on_photo = crash
    assert (await put(service.client, data)).status_code == 500
    assert (await rows(service), len(files(tmp_path))) == (0, 2)
    is_problem(await get(service, hash_of(data)), 404, "not_found")
    keeper._on_photo = None
    assert (await put(service.client, data)).status_code == 201
    assert (await get(service, hash_of(data))).content == data


async def test_a_file_that_was_lost_is_put_back_by_the_next_repeat(service: Service, tmp_path: Path):
    data = jpeg()
    await put(service.client, data)
    for lost in files(tmp_path):
        (tmp_path / "photos" / lost).unlink()
        is_problem(
            await get(service, hash_of(data), size="small" if "small" in lost else "full"), 503, "storage_unavailable"
        )
        assert (await put(service.client, data)).status_code == 200
        assert len(files(tmp_path)) == 2
    assert (await get(service, hash_of(data))).content == data


async def test_whoever_waits_for_photos_is_told_of_each_new_one_once_in_its_transaction(service: Service):
    told: list[str] = []

    async def on_photo(tx: Tx, sha256: str) -> None:
        assert await tx.one("photo_get", {"sha256": bytes.fromhex(sha256)})
        told.append(sha256)

    services_of(service).keep_photo._on_photo = on_photo
    data = jpeg()
    await asyncio.gather(*(put(service.client, data) for _ in range(3)))
    assert told == [hash_of(data)]


# -- what is refused


async def test_another_type_is_415_whatever_the_bytes_are(service: Service):
    data = jpeg()
    for kind in ("image/png", "image/jpg", "application/octet-stream", "text/html", ""):
        is_problem(await put(service.client, data, **{"Content-Type": kind}), 415, "photo_not_jpeg")
    is_problem(await put(service.client, data, **{"Content-Encoding": "gzip"}), 415, "photo_not_jpeg")
    assert await rows(service) == 0


async def test_bytes_of_another_hash_are_422(service: Service, tmp_path: Path):
    data = jpeg()
    is_problem(await put(service.client, data, sha256=hash_of(b"")), 422, "photo_mismatch")
    is_problem(await put(service.client, data[:-1], sha256=hash_of(data)), 422, "photo_mismatch")
    assert (await rows(service), files(tmp_path)) == (0, [])


async def test_what_is_no_picture_is_422_and_nothing_of_it_is_kept(service: Service, tmp_path: Path):
    whole = jpeg()
    for data in (
        b"",
        b"<html><script>alert(1)</script>",
        b"\x89PNG\r\n",
        whole[: len(whole) // 2],
        b"\xff\xd8\xff<svg>",
    ):
        is_problem(await put(service.client, data), 422, "photo_unreadable")
    assert (await rows(service), files(tmp_path)) == (0, [])


async def test_the_largest_photo_is_taken_and_one_byte_more_is_413(service: Service):
    largest = 5 * 1024 * 1024
    plain = jpeg()
    assert (await put(service.client, plain + b"\0" * (largest - len(plain)))).status_code == 201
    is_problem(await put(service.client, plain + b"\0" * (largest - len(plain) + 1)), 413, "photo_too_large")
    too_long = b" " * (4 * 1024 * 1024 + 1)
    is_problem(await service.onec.post("messages", too_long), 413, "too_large")


async def test_a_name_that_is_no_hash_is_400(service: Service):
    for name in ("1", "g" * 64, "0" * 63, "0" * 65, "0" * 63 + "٣"):
        is_problem(await put(service.client, jpeg(), sha256=name), 400, "malformed")
        is_problem(await get(service, name), 400, "malformed")


async def test_a_name_that_climbs_out_of_the_folder_leads_nowhere(service: Service, tmp_path: Path):
    for name in ("..%2f..%2fetc", "..", "%2e%2e", "..%5c..%5cetc"):
        assert (await put(service.client, jpeg(), sha256=name)).status_code in (400, 404, 405)
    assert files(tmp_path) == []


async def test_only_phones_and_people_may_put_and_get(service: Service):
    data = jpeg()
    for token, status, code in (
        (BASE_TOKEN, 403, "forbidden"),
        (FEED_TOKEN, 403, "forbidden"),
        ("x", 401, "unauthorized"),
    ):
        headers = {"Authorization": f"Bearer {token}"}
        is_problem(await put(service.client, data, **headers), status, code)
        is_problem(await get(service, hash_of(data), headers=headers), status, code)
    assert await rows(service) == 0


async def test_more_photos_than_anybody_takes_in_a_day_are_429_until_the_day_is_over(
    service: Service, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(keep_photo, "MOST_A_DAY", 2)
    pictures = [jpeg(scene(seed=n)) for n in range(5)]
    answers = await asyncio.gather(*(put(service.client, data) for data in pictures))
    assert sorted(answer.status_code for answer in answers) == [201, 201, 429, 429, 429]
    refused = next(a for a in answers if a.status_code == 429)
    is_problem(refused, 429, "photo_quota")
    assert 86_000 < int(refused.headers["retry-after"]) <= 86_401
    taken = next(data for data, answer in zip(pictures, answers, strict=True) if answer.status_code == 201)
    assert (await put(service.client, taken)).status_code == 200
    await service.rows("UPDATE photo_owner SET received_at = now() - interval '25 hours' RETURNING 1")
    assert (await put(service.client, jpeg(scene(seed=9)))).status_code == 201


async def test_the_quota_of_one_is_not_that_of_another(service: Service, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(keep_photo, "MOST_A_DAY", 1)
    phone, other = await a_phone(service), await a_phone(service, SECOND_COURIER)
    await phone.put_photo(1)
    await other.put_photo(2)
    answer = await other.call("PUT", f"photos/{hash_of(jpeg())}", content=jpeg(), headers=JPEG)
    is_problem(answer, 429, "photo_quota")


# -- the storage is away


@contextmanager
def full_disk() -> Iterator[None]:
    """No file of this process may grow above 1000 bytes: a write breaks off in the middle, as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


async def test_a_full_disk_is_503_and_nothing_is_half_kept(service: Service, tmp_path: Path):
    data, other = jpeg(), jpeg(scene(seed=2))
    assert (await put(service.client, other)).status_code == 201
    kept = files(tmp_path)
    with full_disk():
        answer = await put(service.client, data)
    is_problem(answer, 503, "storage_unavailable")
    assert int(answer.headers["retry-after"]) > 0
    assert (await rows(service), files(tmp_path)) == (1, kept)
    assert (await put(service.client, data)).status_code == 201


async def test_a_folder_that_cannot_be_made_is_503(service: Service, tmp_path: Path):
    (tmp_path / "photos").write_text("a file where the folder should be")
    is_problem(await put(service.client, jpeg()), 503, "storage_unavailable")
    assert await rows(service) == 0
    (tmp_path / "photos").unlink()
    assert (await put(service.client, jpeg())).status_code == 201


async def test_decoders_that_cannot_be_had_are_503_and_the_photo_is_not_blamed(service: Service):
    await services_of(service).keep_photo._images.close()
    is_problem(await put(service.client, jpeg()), 503, "storage_unavailable")


async def test_a_bucket_keeps_and_shows_photos_and_while_it_is_away_they_stay_on_the_phone(database: str):
    data, other = jpeg(), jpeg(scene(seed=2))
    async with fake_s3() as server:
        bucket = Photos("s3://bucket/x", server.url, "ru-1", KEY_ID, SECRET, allow_http=True)
        async with running(database, settings(photos=bucket)) as service:
            assert (await put(service.client, data)).status_code == 201
            assert (await get(service, hash_of(data))).content == data
            assert (await get(service, hash_of(data), size="small")).status_code == 200
            server.status = 503
            is_problem(await put(service.client, other), 503, "storage_unavailable")
            is_problem(await put(service.client, data), 503, "storage_unavailable")
            is_problem(await get(service, hash_of(data)), 503, "storage_unavailable")
            assert await rows(service) == 1
            server.status = 0
            assert (await put(service.client, other)).status_code == 201
            assert (await put(service.client, data)).status_code == 200
    assert sorted(len(path.split("/")) for path in server.objects) == [5] * 4


async def test_what_became_of_photos_is_counted(service: Service):
    def counted(became: str) -> float:
        value: float = metrics.PHOTOS.labels(became)._value.get()
        return value

    before = {name: counted(name) for name in ("new", "known", "photo_mismatch", "photo_unreadable")}
    data = jpeg()
    for sent in (data, data, b"x"):
        await put(service.client, sent)
    await put(service.client, data, sha256="0" * 64)
    assert {name: counted(name) - was for name, was in before.items()} == dict.fromkeys(before, 1.0)


# -- who may see


async def test_a_person_sees_every_photo_in_both_sizes(service: Service):
    phone = await a_phone(service)
    sha256 = await phone.put_photo()
    full, small = await get(service, sha256), await get(service, sha256.upper(), size="small")
    assert (full.status_code, small.status_code) == (200, 200)
    assert hash_of(full.content) == sha256 != hash_of(small.content)
    for answer in (full, small):
        assert answer.headers["content-type"] == "image/jpeg"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["content-security-policy"] == "default-src 'none'"
        assert answer.headers["content-disposition"] == "inline"
        assert answer.headers["cache-control"] == "private, max-age=600, immutable"
        assert "content-encoding" not in answer.headers
    is_problem(await get(service, "0" * 64), 404, "not_found")
    is_problem(await get(service, sha256, size="huge"), 400, "malformed")


async def test_a_photo_that_the_browser_has_is_304(service: Service):
    data = jpeg()
    await put(service.client, data)
    etag = (await get(service, hash_of(data))).headers["etag"]
    for said in (etag, f"W/{etag}", f'"x", {etag}', "*"):
        answer = await get(service, hash_of(data), headers={**PERSON, "If-None-Match": said})
        assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", etag)
    assert (await get(service, hash_of(data), headers={**PERSON, "If-None-Match": '"x"'})).status_code == 200
    small = await get(service, hash_of(data), size="small", headers={**PERSON, "If-None-Match": etag})
    assert small.status_code == 200
    is_problem(await get(service, "0" * 64, headers={**PERSON, "If-None-Match": "*"}), 404, "not_found")


async def seen_by(phone: Phone, sha256: str) -> bool:
    answer = await phone.call("GET", f"photos/{sha256}", params={"size": "small"})
    if answer.status_code != 200:
        is_problem(answer, 404, "not_found")
    return answer.status_code == 200


async def name_in_step(service: Service, sha256: str, delivery_id: str, courier: str | None) -> None:
    await service.rows(
        "INSERT INTO step_photo (source, sha256, delivery_id, action, courier_ref, at)"
        " VALUES (%s, decode(%s, 'hex'), %s, 'hand_over', %s, now()) RETURNING 1",
        new_ref(), sha256, delivery_id, courier,
    )  # fmt: skip


async def test_a_courier_sees_his_own_photos_and_not_those_of_others(service: Service):
    his, other = await a_phone(service), await a_phone(service, SECOND_COURIER)
    sha256 = await his.put_photo()
    assert await seen_by(his, sha256)
    assert not await seen_by(other, sha256)
    assert await seen_by(await a_phone(service), sha256), "another phone of the same courier"


async def test_a_courier_sees_what_others_showed_of_his_deliveries(service: Service):
    his, other = await a_phone(service), await a_phone(service, SECOND_COURIER)
    _, delivery = await service.picked_up()
    of_office, of_other = hash_of(jpeg()), await other.put_photo(7)
    await put(service.client, jpeg())
    for sha256 in (of_office, of_other):
        assert not await seen_by(his, sha256)
    await name_in_step(service, of_office, delivery["id"], None)
    await name_in_step(service, of_other, delivery["id"], SECOND_COURIER)
    for sha256 in (of_office, of_other):
        assert await seen_by(his, sha256)
    assert not await seen_by(other, of_office)


async def test_a_courier_who_was_assigned_before_still_sees_them(service: Service):
    former, now = await a_phone(service), await a_phone(service, SECOND_COURIER)
    ref, delivery = await service.ready_order(ready={"courier": COURIER})
    await service.onec.press("delivery.assign", ref, courier=SECOND_COURIER)
    await put(service.client, jpeg())
    await name_in_step(service, hash_of(jpeg()), delivery["id"], None)
    assert await seen_by(former, hash_of(jpeg()))
    assert await seen_by(now, hash_of(jpeg()))


async def test_naming_a_foreign_photo_in_a_step_gives_no_right_to_see_it(service: Service):
    his, other = await a_phone(service), await a_phone(service, SECOND_COURIER)
    _, delivery = await service.picked_up()
    foreign = await other.put_photo()
    await name_in_step(service, foreign, delivery["id"], COURIER)
    assert not await seen_by(his, foreign)


# -- signed links


async def links(service: Service, sha256: str, now: datetime | None = None) -> dict[str, str]:
    made = await services_of(service).show_photo.links([sha256], now or datetime.now(UTC))
    return made[sha256]


async def test_a_signed_link_shows_the_photo_without_a_token_for_its_time(service: Service):
    data = jpeg()
    await put(service.client, data)
    made = await links(service, hash_of(data))
    full, small = await service.client.get(made["full"]), await service.client.get(made["small"])
    assert (full.content, small.status_code) == (data, 200)
    assert len(small.content) < len(data)
    max_age = int(full.headers["cache-control"].split("max-age=")[1].split(",")[0])
    assert 0 < max_age <= 600
    assert max_age <= int(made["full"].split("until=")[1].split("&")[0]) - time.time() + 2


async def test_a_link_lives_five_to_ten_minutes_and_is_the_same_for_a_page_that_is_read_again(service: Service):
    start = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
    made = {s: await links(service, "a" * 64, start + timedelta(seconds=s)) for s in (0, 1, 299, 300)}
    assert made[0] == made[1] == made[299] != made[300]
    for passed_s, one in made.items():
        until = int(one["small"].split("until=")[1].split("&")[0])
        assert 300 < until - start.timestamp() - passed_s <= 600


async def test_an_altered_link_is_403(service: Service):
    data, other = jpeg(), jpeg(scene(seed=2))
    for one in (data, other):
        await put(service.client, one)
    link = (await links(service, hash_of(data)))["small"]
    path, _, query = link.partition("?")
    until = int(query.split("until=")[1].split("&")[0])
    sign = query.split("sign=")[1]
    for altered in (
        link.replace("small", "full"), link.replace(hash_of(data), hash_of(other)),
        link.replace(f"until={until}", f"until={until + 1}"), link[:-1] + ("0" if link[-1] != "0" else "1"),
        f"{path}?size=small&until={until}", f"{path}?size=small&sign={sign}", f"{path}?size=small&until={until}&sign=",
        f"{path}?size=small&until={until}&sign=я", f"{path}?size=small&until={10**30}&sign={sign}",
    ):  # fmt: skip
        is_problem(await service.client.get(altered), 403, "photo_link_wrong")
        is_problem(await service.client.get(altered, headers=PERSON), 403, "photo_link_wrong")


async def test_an_old_link_and_one_from_the_future_are_403(service: Service):
    data = jpeg()
    await put(service.client, data)
    for apart in (timedelta(minutes=-11), timedelta(hours=1)):
        link = (await links(service, hash_of(data), datetime.now(UTC) + apart))["full"]
        is_problem(await service.client.get(link), 403, "photo_link_wrong")


async def test_a_right_link_to_a_photo_that_has_not_come_is_404(service: Service):
    is_problem(await service.client.get((await links(service, "a" * 64))["full"]), 404, "not_found")


async def test_all_processes_sign_with_the_one_key_that_is_made_once(service: Service, database: str):
    now = datetime(2026, 11, 22, tzinfo=UTC)
    async with running(database) as other:
        both = await asyncio.gather(*(links(one, "a" * 64, now) for one in (service, other, service, other)))
    assert all(one == both[0] for one in both)
    assert len(await service.rows("SELECT 1 FROM secret WHERE name = 'photo_links'")) == 1


# -- what is published


async def test_the_published_description_tells_of_pictures_and_fits_the_answers(service: Service):
    told = (await service.client.get("/api/v1/openapi.json")).json()
    doors = told["paths"]["/api/v1/photos/{sha256}"]
    assert list(doors["put"]["requestBody"]["content"]) == ["image/jpeg"]
    assert {"200", "201", "400", "401", "403", "413", "415", "422", "429", "503"} == doors["put"]["responses"].keys()
    assert list(doors["get"]["responses"]["200"]["content"]) == ["image/jpeg"]
    assert {"200", "400", "401", "403", "404", "429", "503"} == doors["get"]["responses"].keys()
    shape = {"$ref": "#/components/schemas/KeptPhoto", "components": told["components"]}
    for _ in range(2):
        jsonschema_rs.Draft202012Validator(shape).validate((await put(service.client, jpeg())).json())


@hypothesis.settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.binary(max_size=400), head=st.sampled_from([b"", b"\xff\xd8\xff", jpeg()[:700]]))
async def test_no_bytes_make_the_door_fall_over(service: Service, data: bytes, head: bytes):
    is_problem(await put(service.client, head + data), 422, "photo_unreadable")

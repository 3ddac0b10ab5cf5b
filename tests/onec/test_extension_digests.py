"""The extension compares itself: what each step says, when it goes, where an answer leads."""

import hashlib
import json
import uuid
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.bsl.values import KeyAndValue, Structure
from tests.onec.extension import Base, Clock, accepted

from posrednik_sandbox.onec import digests

Json = dict[str, Any]
RUN = "5c000000-0000-4000-8000-000000000001"
quick = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def base(tmp_path: Path) -> Base:
    return Base(tmp_path, None, Clock())


def take(base: Base, kind: str, **data: Any) -> None:
    event = {
        "id": str(uuid.uuid4()),
        "number": 1,
        "type": f"exchange.{kind}",
        "subject": {},
        "version": 1,
        "data": data,
    }
    assert base.call("кд_Прием.ПрименитьСобытия", [event])["rejected"] == []


def commands(base: Base) -> list[Json]:
    """Pack and give the commands of the message; it stays on its way."""
    message = base.pack()
    return [] if message is None else json.loads(message["Тело"])["commands"]


def answer(base: Base, *results: Json | None) -> None:
    """Answer the commands of the message on its way, in their order."""
    message = base.pack()
    assert message is not None
    ids = json.loads(message["Команды"])
    said = [{"id": key, "status": "done", "result": result or {}} for key, result in zip(ids, results, strict=True)]
    base.call("кд_Очередь.Подтвердить", message, accepted(message["Номер"], said))


def hash_of(*lines: str) -> str:
    return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()


def test_a_wanted_slice_says_how_much_it_has_and_the_hash_of_it(base: Base) -> None:
    base.objects.put("order", "b0", month="2026-11")
    base.objects.put("order", "a0", month="2026-11")
    base.objects.put("order", "c0", month="2026-10")
    gone = base.objects.put("order", "d0", month="2026-11")
    base.objects.known[gone]["deleted"] = True  # type: ignore[index]
    take(base, "send_digests", run=RUN, slices=[{"kind": "order", "slice": "2026-11"}])
    (said,) = commands(base)
    assert said["type"] == "digest"
    assert said["data"] == {
        "run": RUN, "kind": "order", "slice": "2026-11", "count": 2, "hash": hash_of("a0:a0-1", "b0:b0-1"),
        "detail": True,
    }  # fmt: skip


def test_everything_is_compared_when_no_slice_is_named_and_the_end_comes_last(base: Base) -> None:
    base.objects.put("order", "o1", month="2026-11")
    base.objects.put("product", "p1")
    take(base, "send_digests", run=RUN)
    said = commands(base)
    assert {(one["data"]["kind"], one["data"].get("slice", "")) for one in said} == {
        ("order", "2026-11"), ("product", ""),
    }  # fmt: skip
    answer(base, {"answer": "equal"}, {"answer": "equal"})
    (end,) = commands(base)
    assert (end["type"], end["data"]) == ("digest_end", {"run": RUN})
    answer(base, {"state": "done"})
    assert commands(base) == []
    assert base.rows("кд_Сверки") == []


def test_an_empty_base_says_only_the_end(base: Base) -> None:
    take(base, "send_digests", run=RUN)
    assert [one["type"] for one in commands(base)] == ["digest_end"]


def test_comparing_waits_for_the_last_changed_object(base: Base) -> None:
    for number in range(201):
        base.touch("product", f"p{number:03}")
    take(base, "send_digests", run=RUN, slices=[{"kind": "product"}])
    assert commands(base) == []
    answer(base)
    message = base.packed()
    assert len(message["objects"]) == 1
    assert [one["type"] for one in message["commands"]] == ["digest"]


def test_an_edit_made_while_the_base_compares_puts_it_off(base: Base) -> None:
    base.touch("product", "p1")
    base.objects.put("order", "o1", month="2026-11")
    take(base, "send_digests", run=RUN)

    def edit(name: str, ref: str) -> None:
        base.objects.when_described.clear()
        base.base.session().call("кд_Регистрация.ОтметитьИзменение", "Справочник.Номенклатура", "p2")

    base.objects.when_described.append(edit)
    base.objects.put("product", "p2")
    message = base.packed()
    # Orders did not change, products did while they were counted.
    assert [one["data"]["kind"] for one in message["commands"]] == ["order"]
    answer(base, {"answer": "equal"})
    assert [one["data"]["kind"] for one in commands(base)] == ["product"]


def test_a_differing_slice_is_listed_mended_and_compared_once_more(base: Base) -> None:
    for ref in ("a1", "b1", "c1"):
        base.objects.put("product", ref)
    take(base, "send_digests", run=RUN, slices=[{"kind": "product"}])
    commands(base)
    answer(base, {"answer": "list"})
    (listed,) = commands(base)
    assert listed["type"] == "listing"
    assert listed["data"] == {"run": RUN, "kind": "product", "versions": ["a1:a1-1", "b1:b1-1", "c1:c1-1"]}
    answer(base, {"answer": "send", "refs": ["b1"], "unknown": ["gone", "c1"]})
    assert sorted(base.dirty()) == ["b1", "c1"]
    message = base.packed()
    assert sorted(one["ref"] for one in message["objects"]) == ["b1", "c1"]
    assert [one["type"] for one in message["commands"]] == ["digest"]
    answer(base, {"answer": "equal"})
    assert [one["type"] for one in commands(base)] == ["digest_end"]


def test_what_cannot_be_mended_does_not_go_round_for_ever(base: Base) -> None:
    base.objects.put("product", "a1")
    take(base, "send_digests", run=RUN, slices=[{"kind": "product"}])
    seen = []
    while said := commands(base):
        seen += [one["type"] for one in said]
        results = {"digest": {"answer": "list"}, "listing": {"answer": "send", "refs": ["a1"]}}
        answer(base, *[results.get(one["type"], {}) for one in said])
        assert len(seen) < 20
    assert seen == ["digest", "listing"] * 3 + ["digest_end"]


def test_a_large_slice_is_compared_by_parts_that_tell_its_refs_apart(base: Base) -> None:
    refs = [f"0000{part}{number}" for part in ("aa", "ab", "cc") for number in range(3)]
    for ref in refs:
        base.objects.put("product", ref)
    take(base, "send_digests", run=RUN, slices=[{"kind": "product"}])
    commands(base)
    answer(base, {"answer": "split"})
    (parts,) = commands(base)
    assert (parts["type"], parts["data"]["at"]) == ("digest_parts", 5)
    assert [(one["part"], one["count"]) for one in parts["data"]["parts"]] == [("aa", 3), ("ab", 3), ("cc", 3)]
    assert parts["data"]["parts"][0]["hash"] == hash_of(*(f"{ref}:{ref}-1" for ref in refs[:3]))
    answer(base, {"answer": "list", "parts": ["ab"]})
    (listed,) = commands(base)
    assert listed["data"] == {
        "run": RUN, "kind": "product", "at": 5, "part": "ab", "versions": [f"{ref}:{ref}-1" for ref in refs[3:6]],
    }  # fmt: skip


def test_a_sample_says_objects_as_they_are(base: Base) -> None:
    base.objects.put("product", "p1", name="Термос")
    base.objects.known["Справочник.Номенклатура", "bad"] = "Деление на 0"
    wanted = [{"kind": "product", "ref": ref} for ref in ("p1", "gone", "bad")]
    take(base, "send_sample", run=RUN, objects=wanted)
    (said,) = commands(base)
    assert said["type"] == "sample"
    assert [(one["ref"], one["found"]) for one in said["data"]["objects"]] == [
        ("p1", True), ("gone", False), ("bad", False),
    ]  # fmt: skip
    assert said["data"]["objects"][0]["data"] == {"name": "Термос"}
    answer(base, {"checked": 3, "agreed": 2, "differs": [{"kind": "product", "ref": "p1", "fields": ["name"]}]})
    assert base.dirty() == ["p1"]


def test_a_sample_goes_two_hundred_a_command(base: Base) -> None:
    take(base, "send_sample", run=RUN, objects=[{"kind": "product", "ref": f"p{n}"} for n in range(450)])
    assert [len(one["data"]["objects"]) for one in commands(base)] == [200, 200, 50]


def test_of_several_runs_only_the_newest_is_answered(base: Base) -> None:
    base.objects.put("product", "p1")
    take(base, "send_digests", run=RUN, slices=[{"kind": "product"}])
    newer = str(uuid.uuid4())
    event = {"id": str(uuid.uuid4()), "number": 2, "type": "exchange.send_digests", "subject": {}, "version": 1,
             "data": {"run": newer, "slices": [{"kind": "product"}]}}  # fmt: skip
    base.call("кд_Прием.ПрименитьСобытия", [event])
    assert [one["data"]["run"] for one in commands(base)] == [newer]


def test_a_comparison_that_was_never_taken_is_made_anew_with_what_the_base_has_then(base: Base) -> None:
    base.objects.put("product", "p1")
    take(base, "send_digests", run=RUN, slices=[{"kind": "product"}])
    (before,) = commands(base)
    base.objects.put("product", "p2")
    base.call("кд_Очередь.ПродолжитьС", 10)
    (after,) = commands(base)
    assert (before["data"]["count"], after["data"]["count"]) == (1, 2)
    assert before["id"] != after["id"]
    assert [row["Идентификатор"] for row in base.rows("кд_Команды")] == [after["id"]]


def test_lists_are_not_kept_after_their_answer(base: Base) -> None:
    base.objects.put("product", "p1")
    assert base.call("кд_Сверка.СверитьВсе") == 1
    commands(base)
    answer(base, {"answer": "equal"})
    assert [row["Данные"] for row in base.rows("кд_Команды")] == ["{}"]
    assert base.rows("кд_Сверки") == []


def test_a_full_registration_is_compared_once_when_its_last_object_has_gone(base: Base) -> None:
    base.objects.put("product", "p1")
    base.call("кд_Регистрация.ЗарегистрироватьВсе")
    base.call("кд_Сверка.СверитьПослеЗагрузки")
    assert base.rows("кд_Сверки") == []
    assert commands(base) == []
    answer(base)
    base.call("кд_Сверка.СверитьПослеЗагрузки")
    base.call("кд_Сверка.СверитьПослеЗагрузки")
    assert [one["type"] for one in commands(base)] == ["digest"]


@quick
@given(st.lists(st.uuids().map(str), max_size=30, unique=True), st.integers(1, 36))
def test_hashes_parts_and_places_are_those_of_the_emulated_base(base: Base, refs: list[str], at: int) -> None:
    versions = [{"ref": ref, "version": f"AAAA{number}=="} for number, ref in enumerate(refs)]
    lines = [f"{one['ref']}:{one['version']}" for one in versions]
    made = base.call("кд_СтрокиСверки.УпорядоченныеСтроки", [_structure(one) for one in versions])
    assert made == sorted(lines)
    assert base.call("кд_СтрокиСверки.Итоги", made) == digests.figures(lines)
    assert base.call("кд_СтрокиСверки.МестоРазличия", made) == digests.varying(lines)
    for line in lines:
        assert base.call("кд_СтрокиСверки.ЧастьСтроки", line, at) == digests.part_of(line, at)


def _structure(one: Json) -> Any:
    made = Structure()
    for name, value in one.items():
        made.items[name] = KeyAndValue(name, value)
    return made


def test_comparing_commands_that_are_too_large_together_go_one_by_one_and_too_large_alone_are_given_up(
    base: Base,
) -> None:
    base.objects.put("product", "p1")
    base.objects.put("order", "o1", month="2026-11")
    take(base, "send_digests", run=RUN)
    sizes = []
    for _ in range(30):
        message = base.pack()
        if message is None:
            break
        said = json.loads(message["Тело"])["commands"]
        sizes.append(len(said))
        if [one["type"] for one in said] == ["digest_end"]:
            answer(base, {})
        else:
            base.call("кд_Упаковка.УменьшитьСообщение", message, "413")
    assert sizes == [2, 1, 1, 1]
    rejected = [row for row in base.rows("кд_Команды") if row["Состояние"] == "rejected"]
    assert [row["Код"] for row in rejected] == ["too_large", "too_large"]

"""The examples of docs/integrators.md are what the code reads. They were also run whole, against a running service."""

import ast
import json
import re
from pathlib import Path
from uuid import UUID

import msgspec

from posrednik import config
from posrednik.connectors.onec.inbound import Inbound
from posrednik.connectors.onec.wire import COMMANDS, Envelope, EpochCall, SingleCommand
from posrednik.usecases.act_on_delivery import Action

PAGE = (Path(__file__).parents[2] / "docs" / "integrators.md").read_text(encoding="utf-8")
SOME_ID = "00000000-0000-4000-8000-00000000000f"
READERS = {"messages": Envelope, "commands": SingleCommand, "epochs": EpochCall, "actions": Action}


def bodies(door: str) -> list[bytes]:
    """JSON bodies of the calls of one door, with an id in place of each variable of the shell."""
    calls = re.findall(rf"/{door}\" -d '(\{{.*?\}})'$", PAGE, re.MULTILINE | re.DOTALL)
    return [re.sub(r"'\$\w+'", SOME_ID, call).encode() for call in calls]


def test_the_settings_to_try_with_load(tmp_path):
    written = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    assert len(written) == 1
    (tmp_path / "try.toml").write_text(written[0], encoding="utf-8")
    settings = config.load(str(tmp_path / "try.toml"), {})
    assert f"BASE={settings.bases[0].id}\n" in PAGE
    assert f"TOKEN={settings.bases[0].token}\n" in PAGE
    assert f"URL=http://{settings.server.listen}\n" in PAGE


def test_each_body_is_read_by_its_door():
    for door, shape in READERS.items():
        assert bodies(door), door
        for body in bodies(door):
            msgspec.json.decode(body, type=shape)


def test_the_objects_and_commands_are_readable():
    inbound = Inbound("Europe/Moscow")
    for body in bodies("messages"):
        envelope = msgspec.json.decode(body, type=Envelope)
        read = [inbound.object(n, raw) for n, raw in enumerate(envelope.objects)]
        known = {(one.kind, one.ref) for one in read}
        assert {need for one in read for need in one.needs} <= known
    for body in bodies("commands"):
        assert isinstance(inbound.command(msgspec.json.decode(body, type=SingleCommand).command).id, UUID)


def test_the_sum_of_the_example_is_right():
    order = json.loads(bodies("messages")[0])["objects"][-1]["data"]
    line = order["lines"][0]
    assert line["sum"] == "1 980,00"
    assert int(line["quantity"]) * float(line["price"]) == 1980


def test_all_commands_are_named():
    named = PAGE.partition("Types: ")[2].partition(" When the call")[0]
    assert re.findall(r"`([\w.]+)`", named) == list(COMMANDS)


def test_the_receiver_is_python():
    written = re.findall(r"```python receiver\n(.*?)```", PAGE, re.DOTALL)
    assert len(written) == 1
    assert ast.parse(written[0]).body

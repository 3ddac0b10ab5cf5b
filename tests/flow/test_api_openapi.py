"""The published OpenAPI tells what the doors read and answer, and nothing that fits it makes a door fall over."""

from typing import Any

import jsonschema_rs
from tests.flow.exchange_client import (
    COURIER,
    Service,
    command,
    division,
    new_ref,
    order,
    references,
)  # fmt: skip

PATH = "/api/v1/openapi.json"
BARE = ("/rotate", "/test", "/login-codes", "/revoke", "/end")  # what they do is all in the address


async def published(service: Service) -> dict[str, Any]:
    answer = await service.client.get(PATH)
    assert answer.status_code == 200
    told: dict[str, Any] = answer.json()
    return told


async def test_every_post_tells_its_body_and_every_door_its_answer_and_refusals(service: Service):
    told = await published(service)
    for path, operations in told["paths"].items():
        if not path.startswith(("/api/v1/exchange", "/api/v1/subscriptions", "/api/v1/board", "/api/v1/events")):
            continue
        for method, operation in operations.items():
            where = f"{method} {path}"
            success = next(answer for status, answer in operation["responses"].items() if status.startswith("2"))
            if "text/event-stream" in success["content"]:
                continue
            assert "$ref" in success["content"]["application/json"]["schema"], where
            assert {"400", "401", "403", "429", "503"} <= operation["responses"].keys(), where
            if method in ("post", "patch") and not path.endswith(
                ("/rotate", "/test", "/login-codes", "/revoke", "/end")
            ):
                assert "$ref" in operation["requestBody"]["content"]["application/json"]["schema"], where


async def test_real_requests_and_answers_fit_what_is_published(service: Service):
    components = (await published(service))["components"]

    def fits(name: str, value: Any) -> None:
        schema = {"$ref": f"#/components/schemas/{name}", "components": components}
        jsonschema_rs.Draft202012Validator(schema).validate(value)

    onec, ref = service.onec, new_ref()
    fits("StateAnswer", await onec.state())
    message = onec.envelope([*references(), order(ref), division("bad")], [command("delivery.ready", ref)])
    fits("Message", message)
    fits("MessageAnswer", (await onec.post("messages", message)).json())
    single = {**onec.sender(), "command": command("delivery.assign", ref, courier=COURIER)}
    fits("SingleCommand", single)
    answer = (await onec.post("commands", single)).json()
    fits("CommandAnswer", answer)
    acted = await service.act(answer["result"]["delivery"]["id"], "pick_up")
    fits("ActionAnswer", acted)
    fits("Card", acted["delivery"])
    fits("Board", (await service.person("GET", "/api/v1/board/deliveries")).json())
    fits("DeliveryCard", (await service.person("GET", f"/api/v1/board/deliveries/{acted['delivery']['id']}")).json())
    fits("Way", (await service.person("GET", "/api/v1/board/way", params={"q": "ТД00-000123"})).json())
    await service.act(acted["delivery"]["id"], "hand_over", amount_taken="1.00", difference_reason="скидка")
    told = (await service.person("GET", "/api/v1/board/incidents")).json()
    fits("Incidents", told)
    path = f"/api/v1/board/incidents/{told['incidents'][0]['id']}/decide"
    fits("Incident", (await service.person("POST", path, {"decision": "explained", "reason": "так"})).json())
    steps = f"/api/v1/board/deliveries/{acted['delivery']['id']}/steps"
    fits("Steps", (await service.person("GET", steps)).json())
    batch = (await onec.outgoing()).json()
    fits("Batch", batch)
    fits("AckAnswer", (await onec.ack([batch["events"][0]["id"]])).json())
    fits("Feed", await service.feed())
    made = (await service.person("POST", "/api/v1/subscriptions", {"url": "https://shop.example/"})).json()
    fits("NewSubscriptionAnswer", made)
    fits("Subscriptions", (await service.person("GET", "/api/v1/subscriptions")).json())
    made = (await service.person("POST", f"/api/v1/board/couriers/{COURIER}/login-codes")).json()
    fits("LoginCode", made)
    fits("Login", {"code": made["code"], "device": "phone"})
    fits("LoginAnswer", (await service.client.post("/api/v1/courier/login", json={"code": made["code"]})).json())
    phones = (await service.person("GET", "/api/v1/board/couriers")).json()
    fits("Couriers", phones)
    token_id = next(phone["token_id"] for one in phones["couriers"] for phone in one["devices"])
    fits("DeviceRevoked", (await service.person("POST", f"/api/v1/board/devices/{token_id}/revoke")).json())
    fits("EpochAnswer", (await onec.begin_epoch()).json())
    fits("Problem", (await onec.post("messages", b"")).json())

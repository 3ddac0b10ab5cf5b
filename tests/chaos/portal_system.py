"""The system with an application installed on its portal, and with as many couriers there as in 1C."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.desk import until
from tests.system import System

Json = dict[str, Any]
ADMINISTRATOR, LOGISTICIAN = 1, 2
GROUPS = {"Центр": 11, "Север": 12}
CLIENT_ID, CLIENT_SECRET = "local.dayoftheportal.20261122", "secretofthedayoftheportal"
# In the first division a card that is dragged may be taken at its word; in the second goods are counted at pick-up.
PROOFS = {
    "Центр": '{ pick_up = { items = "optional" }, hand_over = { photo = "optional", amount = "optional" } }',
    "Север": '{ pick_up = { items = "required" }, hand_over = { photo = "optional", amount = "optional" } }',
}
WATCH = ["poll_s = 5"]
OWNERSHIP = '[ownership]\n"delivery.courier" = ["1c", "posrednik", "bitrix24"]\n'


@dataclass(frozen=True, slots=True)
class Courier:
    """ref: in 1C. user: on the portal."""

    ref: str
    name: str
    division: str
    user: int


class PortalSystem(System):
    """couriers: how many 1C has, each with a user of the portal. Set before it starts."""

    couriers = 6

    def _sandbox_env(self) -> dict[str, str]:
        options = {"COURIERS": str(self.couriers), "APP_CLIENT_ID": CLIENT_ID, "APP_SECRET": CLIENT_SECRET}
        return {**super()._sandbox_env(), **{f"POSREDNIK_SANDBOX_{name}": value for name, value in options.items()}}

    def _toml(self, divisions: Sequence[Mapping[str, str]]) -> str:
        application = [
            f'client_id = "{CLIENT_ID}"', f'client_secret = "{CLIENT_SECRET}"', f'auth_url = "{self.portal}"', *WATCH,
        ]  # fmt: skip
        text = super()._toml(divisions).replace("[server]\n", f'[server]\npublic_url = "{self.service}"\n')
        text = text.replace("calls_per_second = 0", "\n".join(["calls_per_second = 0", *application]))
        text = text.replace("[[bases]]", f"{OWNERSHIP}[[bases]]")
        for division in divisions:
            head = f'ref = "{division["ref"]}"'
            text = text.replace(head, f"{head}\nproofs = {PROOFS[division['name']]}")
        return text

    async def start(self) -> None:
        await super().start()
        await self.desk.tell("/portal/api/limits", tariff="box", time_limit_s=self.pace.time_limit_s)
        await self.install()
        self.staff = await self._hired()
        await self.command(
            "user", "add", "--login", "logist", "--name", "Логинов Павел", "--role", "logistician", "--bitrix24-user",
            str(LOGISTICIAN),
        )  # fmt: skip

    async def install(self) -> None:
        """As an administrator does it on the page «Приложения»; then projects, columns, events and placements."""
        done = await self.desk.tell("/portal/api/install", user=ADMINISTRATOR, url=f"{self.service}/bitrix24/install")
        assert done["posted"]["status"] == 200, done
        await self.command("bitrix24", "setup")

    async def _hired(self) -> list[Courier]:
        """A user for each courier who has none; who is who is told on the page of mappings."""
        known = await until("couriers of 1C", self._all_couriers)
        staff = []
        for number, one in enumerate(known):
            user = int(one["bitrix24_user"] or 0) or await self._hire(number, one)
            staff.append(Courier(one["ref"], one["name"], one["division"]["name"], user))
        return staff

    async def _all_couriers(self) -> list[Json] | None:
        found: list[Json] = (await self.desk.ask("/api/v1/board/couriers"))["couriers"]
        return found if len(found) == self.couriers else None

    async def _hire(self, number: int, courier: Json) -> int:
        group = GROUPS[courier["division"]["name"]]
        person = {"name": f"Курьер {number}", "last_name": "Портала", "position": "Курьер", "groups": [group]}
        user = int((await self.desk.tell("/portal/api/users", **person))["id"])
        await self.desk.put(
            f"/api/v1/admin/mappings/couriers/{courier['ref']}", bitrix24_user=str(user), reason="новый"
        )
        return user

"""What the doors of couriers' entry read and answer, for the published OpenAPI (contract.md §5, §6)."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from posrednik.api.documents import Named

Entry = Literal["code", "portal", "token"]


class Login(Struct):
    """code: the 8 characters that the office shows, however they are typed, or a ticket of the portal's page.

    device: the phone's own text; the token that it had before ends. The same `Idempotency-Key` repeats a login whose
    answer was lost, and the lost token ends; without a key a code works once.
    """

    code: Annotated[str, Meta(min_length=1, max_length=200, examples=["ABCD-2345"])]
    device: Annotated[str, Meta(min_length=1, max_length=100)] | None = None


class WhoEntered(Struct):
    ref: str
    name: str


class LoginAnswer(Struct):
    """The token is shown only here."""

    token: str
    expires_at: datetime | None
    courier: WhoEntered
    entry: Literal["code", "portal"]


class CourierDevice(Struct):
    """device: "" for a token that no phone has shown yet. unsent: by the phone's own word. missing: numbers of its
    events below the last one that have not come. token_id: None = it has none that could be ended."""

    device: str
    entry: Entry
    agent: str
    app_version: str
    unsent: int | None
    last_seq: int
    missing: int
    first_at: datetime
    last_at: datetime
    expires_at: datetime | None
    revoked: bool
    token_id: UUID | None


class CourierPhones(Struct):
    """phone: masked."""

    ref: str
    name: str
    phone: str
    active: bool
    division: Named
    bitrix24_user: str | None
    devices: list[CourierDevice]


class Couriers(Struct):
    couriers: list[CourierPhones]


class LoginCode(Struct):
    """Works once, for 10 minutes, and ends the codes made before it. qr: rows of modules of the link's QR code, 1 is
    dark; the light border of 4 modules is not in it. A repeat makes another code: none is kept to be shown again."""

    code: str
    expires_at: datetime
    url: str
    qr: list[list[int]]


class DeviceRevoked(Struct):
    """courier: whose it was."""

    revoked: bool
    courier: str

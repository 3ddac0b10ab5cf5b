"""What a portal's word is worth: who may vouch for a user, and what that says."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Verified:
    """user_id: the portal's user, as its authorisation server told it."""

    user_id: str


class NotVerified(Exception):
    """Nobody vouches for this user. The code is a page of texts_entry.py; there is no foreign text in it.

    bad_request, pass_over, other_application, other_portal, portal_away; of an installation also not_admin (user: the
    portal's number of him) and no_client_secret
    """

    def __init__(self, code: str, user: str = "") -> None:
        super().__init__(code)
        self.code, self.user = code, user


class PortalDoor(Protocol):
    async def verify(self, auth_id: str, form: Mapping[str, str]) -> Verified:
        """Who opened our page. form: all that the page posted, every field hostile. Raises NotVerified."""
        ...

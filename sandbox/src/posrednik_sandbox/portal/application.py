"""The local application of the portal: what an administrator has filled in, and how far its installation is."""

from dataclasses import dataclass, replace
from urllib.parse import urlsplit

DEFAULT, CHAT, MENU = "DEFAULT", "IMMOBILE_CONTEXT_MENU", "LEFT_MENU"
ADDED, INSTALLED, REMOVED = "added", "installed", "removed"


@dataclass(frozen=True)
class Application:
    """What an administrator has filled in on «Приложения».

    page_url, chat_url, office_url: handlers of the application's page, of the chat's menu on the phone, and of its line
    in the left menu of the web portal. mobile: the box «Поддерживает BitrixMobile». member_id: of the portal, the same
    for all its applications. install_url: «Путь для первоначальной установки»; without one the application counts as
    installed and chat_url and office_url are built in, with one only what it binds itself is there. api_only: the box
    «Использует только API». redirect_url: where /oauth/authorize/ leads back, empty = page_url.
    """

    client_id: str = "local.5a4b1c00c0de01.20261122"
    client_secret: str = "5a4b1c00sandboxsecretofthelocalapplication00000000"  # noqa: S105
    application_token: str = "5a4b1c0000004000800000000000a991"  # noqa: S105
    member_id: str = "5a4b1c000000400080000000000000b2"
    page_url: str = "http://127.0.0.1:8000/courier/open"
    chat_url: str = "http://127.0.0.1:8000/courier/open/chat"
    office_url: str = "http://127.0.0.1:8000/office/open"
    install_url: str = ""
    redirect_url: str = ""
    api_only: bool = False
    mobile: bool = True
    title: str = "Курьер"
    office_title: str = "Доска Посредника"
    scope: tuple[str, ...] = ("disk", "im", "placement", "pull", "sonet_group", "task", "tasks", "user")

    def handler(self, placement: str) -> str | None:
        """The address that the settings give a placement; None where the application binds its own."""
        built_in = {} if self.install_url else {CHAT: self.chat_url, MENU: self.office_url}
        return {DEFAULT: self.page_url, **built_in}.get(placement)

    @property
    def origins(self) -> list[str]:
        """What the portal's pages must be allowed to post to and to frame."""
        urls = (self.page_url, self.chat_url, self.office_url, self.install_url)
        return sorted({origin(url) for url in urls if url})


@dataclass
class Installation:
    """The one row (id 1) of what became of the application; `options_id`: client_id of the options it began with."""

    id: int
    options_id: str
    client_id: str
    client_secret: str
    application_token: str
    install_url: str
    api_only: bool
    scope: list[str]
    state: str
    user_id: int = 0
    at: float = 0.0


def restored(options: Application, row: Installation | None) -> Application:
    """The application as it was left; other options than it began with begin anew."""
    if row is None or row.options_id != options.client_id:
        return options
    return replace(
        options, client_id=row.client_id, client_secret=row.client_secret, application_token=row.application_token,
        install_url=row.install_url, api_only=row.api_only, scope=tuple(row.scope),
    )  # fmt: skip


def origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def of_another_application(application: Application) -> Application:
    return replace(application, client_id="local.f0e1d2c3b4a596.87654321")


def of_another_portal(application: Application) -> Application:
    return replace(application, member_id="d00d0000000040008000000000000bad")

"""Addresses that texts lead to: our application inside the portal, the phone's one outside, the office. Pure."""

from urllib.parse import quote

from posrednik.connectors.bitrix24.settings import Bitrix24Settings
from posrednik.domain.texts import told
from posrednik.domain.texts_notes import OPEN


def link(url: str, words: str) -> str:
    return f"[URL={url}]{words}[/URL]"


def app_url(settings: Bitrix24Settings, delivery: str) -> str:
    """The delivery in the installed application; empty without one."""
    if not settings.client_id:
        return ""
    root, app = settings.portal_url.rstrip("/"), quote(settings.client_id, safe="")
    return f"{root}/marketplace/view/{app}/?params%5Bdelivery%5D={quote(delivery, safe='')}"


def phone_url(settings: Bitrix24Settings, delivery: str) -> str:
    """The delivery in the application that needs no portal; empty where nobody outside reaches us."""
    root = settings.public_url.rstrip("/")
    return f"{root}/courier/#delivery={quote(delivery, safe='')}" if root else ""


def of_task(settings: Bitrix24Settings, delivery: str) -> list[str]:
    """What the task's text ends with."""
    urls = {"app": app_url(settings, delivery), "pwa": phone_url(settings, delivery)}
    return [link(url, told(OPEN[what])) for what, url in urls.items() if url]


def notice_url(settings: Bitrix24Settings, what: str, about: str) -> str:
    """what: as in `texts_notes.OPEN`. about: the delivery's id, or the number of an incident's order."""
    if what == "delivery":
        return app_url(settings, about) or phone_url(settings, about)
    root = settings.public_url.rstrip("/")
    if not root:
        return ""
    if what == "alarms":
        return f"{root}/office/#/exchange"
    return f"{root}/office/#/incidents" + (f"?q={quote(about, safe='')}" if about else "")

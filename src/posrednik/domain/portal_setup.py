"""What set-up wants of a portal: a project for each division, and what the portal calls at our address. Pure."""

from posrednik.domain.portal_desk import Bound, Titled

# Moves of cards, edits, deletions; who is told of our removal deletes the tokens.
EVENTS = ("ONTASKADD", "ONTASKUPDATE", "ONTASKDELETE", "ONAPPUNINSTALL")
LONGEST_NAME = 100


def project_name(division: str) -> str:
    """«Доставка: Центр»: by it the project is found again."""
    return f"Доставка: {' '.join(division.split())}"[:LONGEST_NAME].strip()


def wanted_events(url: str) -> list[Bound]:
    """url: how the portal reaches us."""
    return [Bound(name, f"{url.rstrip('/')}/bitrix24/events") for name in EVENTS]


def wanted_placements(url: str) -> list[Titled]:
    """The office in the left menu, the courier's delivery in the menu of its task's chat on the phone."""
    root = url.rstrip("/")
    return [
        Titled("LEFT_MENU", f"{root}/office/open", {"ru": "Посредник", "en": "Posrednik"}),
        Titled("IMMOBILE_CONTEXT_MENU", f"{root}/courier/open/chat", {"ru": "Доставка", "en": "Delivery"}),
    ]

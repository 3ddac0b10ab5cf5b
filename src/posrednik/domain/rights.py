"""Who of the people may do what: roles and rights of the office (design.md §1). Data in one place; a test walks it."""

from collections.abc import Collection
from enum import StrEnum


class Role(StrEnum):
    """A courier has no right in the office: what he may do is his phone's."""

    COURIER = "courier"
    LOGISTICIAN = "logistician"
    CASHIER = "cashier"
    HEAD = "head"
    ADMINISTRATOR = "administrator"


class Right(StrEnum):
    """One right = one row of the table that is tested through HTTP. The part before the dot is the page it is of."""

    BOARD_SEE = "board.see"
    DELIVERY_ACT = "delivery.act"
    DELIVERY_ASSIGN = "delivery.assign"
    DELIVERY_CANCEL = "delivery.cancel"
    DELIVERY_SETTLE = "delivery.settle"
    DELIVERY_COMMENT = "delivery.comment"
    WAY_SEE = "way.see"
    PHOTO_SEE = "photo.see"
    INCIDENT_SEE = "incident.see"
    INCIDENT_DECIDE = "incident.decide"
    CASH_SEE = "cash.see"
    CASH_COUNT = "cash.count"
    CASH_CHANGE = "cash.change"
    CASH_CORRECT = "cash.correct"
    BACKPACK_SEE = "backpack.see"
    BACKPACK_DECIDE = "backpack.decide"
    SHIFT_SEE = "shift.see"
    SHIFT_CLOSE = "shift.close"
    COURIER_SEE = "courier.see"
    COURIER_LET_IN = "courier.let_in"
    REPORT_SEE = "report.see"
    KPI_SEE = "kpi.see"
    EXCHANGE_SEE = "exchange.see"
    EXCHANGE_REPAIR = "exchange.repair"
    PILOT_SEE = "pilot.see"
    PILOT_SWITCH = "pilot.switch"
    SETTINGS_SEE = "settings.see"
    SETTINGS_CHANGE = "settings.change"
    SUBSCRIPTION_MANAGE = "subscription.manage"
    TOKEN_MANAGE = "token.manage"  # noqa: S105  (a name)
    PEOPLE_SEE = "people.see"
    PEOPLE_MANAGE = "people.manage"
    AUDIT_SEE = "audit.see"


_SEEN_BY_ALL = frozenset({
    Right.BOARD_SEE, Right.DELIVERY_COMMENT, Right.WAY_SEE, Right.PHOTO_SEE, Right.INCIDENT_SEE, Right.CASH_SEE,
    Right.BACKPACK_SEE, Right.SHIFT_SEE, Right.COURIER_SEE, Right.REPORT_SEE,
})  # fmt: skip
_DISPATCHING = frozenset({
    Right.DELIVERY_ACT, Right.DELIVERY_ASSIGN, Right.DELIVERY_CANCEL, Right.INCIDENT_DECIDE, Right.SHIFT_CLOSE,
    Right.COURIER_LET_IN, Right.KPI_SEE,
})  # fmt: skip
_CASH_DESK = frozenset({Right.CASH_COUNT, Right.CASH_CHANGE, Right.CASH_CORRECT, Right.DELIVERY_SETTLE})
_HEADING = frozenset({
    Right.BACKPACK_DECIDE, Right.EXCHANGE_SEE, Right.PILOT_SEE, Right.SETTINGS_SEE, Right.PEOPLE_SEE, Right.AUDIT_SEE,
})  # fmt: skip

RIGHTS_OF: dict[Role, frozenset[Right]] = {
    Role.COURIER: frozenset(),
    Role.LOGISTICIAN: _SEEN_BY_ALL | _DISPATCHING,
    Role.CASHIER: _SEEN_BY_ALL | _CASH_DESK,
    Role.HEAD: _SEEN_BY_ALL | _DISPATCHING | _CASH_DESK | _HEADING,
    Role.ADMINISTRATOR: frozenset(Right),
}

# What is of no division: somebody limited to divisions does not do it, whatever his role.
OF_THE_WHOLE = frozenset({
    Right.EXCHANGE_SEE, Right.EXCHANGE_REPAIR, Right.SUBSCRIPTION_MANAGE, Right.TOKEN_MANAGE, Right.PEOPLE_SEE,
    Right.PEOPLE_MANAGE, Right.AUDIT_SEE,
})  # fmt: skip


def rights_of(roles: Collection[str], *, limited: bool) -> frozenset[Right]:
    """All that these roles give. limited: to divisions. Unknown roles give nothing."""
    known = [rights for role, rights in RIGHTS_OF.items() if role in roles]
    given = frozenset[Right]().union(*known)
    return given - OF_THE_WHOLE if limited else given


def may(roles: Collection[str], divisions: Collection[str] | None, right: Right, division: str | None = None) -> bool:
    """Whether somebody of these roles, limited to `divisions` (None = not limited), may do it with what is of
    `division`. None: with nothing in particular; what he then sees is limited to his divisions by the query."""
    if right not in rights_of(roles, limited=divisions is not None):
        return False
    return divisions is None or division is None or division in divisions

"""What a method refuses with; the protocol turns it into the form of its REST version.

RestRefusal
├── RestError   classic: code, description, HTTP status (400 where the method sets none)
└── V3Error     v3: full class name, message, validation rows

PageError: what a person's page is told.
ExecutionKilledError: the request ran into the portal's hard time limit; what it had done stays done.
"""

from typing import Any


class RestRefusal(Exception):
    """Base of both forms, so that limits and authorisation can be refused in either."""

    def __init__(self, code: str, text: str, status: int = 400, argument: str = "") -> None:
        super().__init__(f"{code}: {text}")
        self.code, self.text, self.status, self.argument = code, text, status, argument

    def body(self) -> dict[str, Any]:
        body = {"error": self.code, "error_description": self.text}
        return body | ({"argument": self.argument} if self.argument else {})

    def body_v3(self) -> dict[str, Any]:
        return {"error": {"code": self.code, "message": self.text}}


class RestError(RestRefusal):
    pass


class V3Error(RestRefusal):
    def __init__(self, name: str, text: str, status: int = 400, validation: list[dict[str, str]] | None = None) -> None:
        super().__init__(f"BITRIX_REST_V3_EXCEPTION_{name}EXCEPTION", text, status)
        self.validation = validation or []

    def body_v3(self) -> dict[str, Any]:
        body = super().body_v3()
        if self.validation:
            body["error"]["validation"] = self.validation
        return body


class ExecutionKilledError(Exception):
    pass


def missing(name: str) -> RestError:
    return RestError("100", f"Could not find value for parameter {{{name}}}")


def empty_argument(name: str) -> RestError:
    return RestError("ERROR_ARGUMENT", f"Argument '{name}' is null or empty", argument=name)


def core(text: str) -> RestError:
    return RestError("ERROR_CORE", text)


def not_allowed(text: str) -> RestError:
    return RestError("0", text)


def wrong_auth_type() -> RestError:
    text = "Current authorization type is denied for this method Application context required"
    return RestError("WRONG_AUTH_TYPE", text, 403)


def denied(why: str = "") -> RestError:
    return RestError("ACCESS_DENIED", f"Access denied! {why}".strip(), 403)


class PageError(Exception):
    """What a page of the portal is told in plain words; `status` as of HTTP."""

    def __init__(self, text: str, status: int = 400) -> None:
        super().__init__(text)
        self.status = status

"""JSON or XML: in which form a base speaks and is answered (contract.md §2, the 8.2 family)."""

from email.message import Message
from typing import Any

import msgspec
from litestar import Request, Response

from posrednik.intake.reading import Form
from posrednik.kit import xml

AnyRequest = Request[Any, Any, Any]
DOORS = "/api/v1/exchange/"
XML_TYPES = ("application/xml", "text/xml")
_ASKED = "posrednik_xml"


def form_of(request: AnyRequest) -> Form:
    """Of the body, by its Content-Type."""
    said = Message()
    said["content-type"] = request.headers.get("content-type", "")
    charset = said.get_content_charset()
    return Form(said.get_content_type() in XML_TYPES, charset)


def answer_in_xml(request: AnyRequest) -> None:
    """Whatever it asked for: the base is configured so."""
    request.state[_ASKED] = True


def answers_xml(request: AnyRequest) -> bool:
    """Whether the caller reads XML: he wrote it, asks for it, or his base is configured so."""
    if not request.url.path.startswith(DOORS):
        return False
    accepted = request.headers.get("accept", "")
    return form_of(request).xml or any(kind in accepted for kind in XML_TYPES) or request.state.get(_ASKED, False)


def in_its_form(request: AnyRequest, answer: Response[bytes]) -> Response[bytes]:
    """The same answer as the caller reads it. XML is always HTTP 200 and says inside what the status would have been:
    old programs take any other for an exception and never see the text."""
    if not answers_xml(request):
        return answer
    body = msgspec.json.decode(answer.content)
    told = {"http_status": answer.status_code or 200, "retry_after": answer.headers.get("Retry-After"), **body}
    headers = {name: value for name, value in answer.headers.items() if name.lower() != "retry-after"}
    return Response(xml.write(told, "result"), status_code=200, headers=headers, media_type="application/xml")

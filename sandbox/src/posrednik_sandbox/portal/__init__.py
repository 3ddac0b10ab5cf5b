"""An emulated Bitrix24 portal: its REST over HTTP, its kanban for people, and the troubles it can make."""

from posrednik_sandbox.portal.application import Application
from posrednik_sandbox.portal.certificate import make_certificate
from posrednik_sandbox.portal.clock import Clock
from posrednik_sandbox.portal.limits import TARIFFS
from posrednik_sandbox.portal.pages import pages
from posrednik_sandbox.portal.portal import Portal
from posrednik_sandbox.portal.protocol import protocol_app

__all__ = ["TARIFFS", "Application", "Clock", "Portal", "make_certificate", "pages", "protocol_app"]

"""The emulated 1C base."""

from posrednik_sandbox.onec.base import Onec

__all__ = ["Onec"]

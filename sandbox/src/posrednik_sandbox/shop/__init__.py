"""The emulated shop."""

from posrednik_sandbox.shop.shop import Shop

__all__ = ["Shop"]

"""Posrednik: the service between 1C, the web shop and Bitrix24."""

__version__ = "0.1.0"

"""The sandbox with a base whose exchange is the extension's own code, run by the interpreter (tests/bsl)."""

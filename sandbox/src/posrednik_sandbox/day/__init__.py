"""A day of work that the demo plays at a button: managers in 1C, couriers with their phones, a cashier.

Everything goes through the doors that people and their devices use; nothing is written behind them.
"""

from posrednik_sandbox.day.player import AlreadyPlayed, Player

__all__ = ["AlreadyPlayed", "Player"]

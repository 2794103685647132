"""x"""

from bot.cli.wording import command


@command("simulate")
def simulate() -> None:
    """X"""

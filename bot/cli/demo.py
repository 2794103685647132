"""x"""

from bot.cli.wording import command


@command("demo")
def demo() -> None:
    """X"""

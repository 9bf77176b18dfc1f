"""What a page says, without the shell around it."""

from typing import Any


def main(page: Any) -> str:
    """Return the HTML between the main tags: menus and lists of shortcuts name many things that the page does not offer."""
    return page.text.partition("<main")[2].partition("</main>")[0]

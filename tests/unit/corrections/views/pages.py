"""What a page says, without the shell around it."""

from html.parser import HTMLParser
from typing import Any


def main(page: Any) -> str:
    """Return the HTML between the main tags: menus and lists of shortcuts name many things that the page does not offer."""
    return page.text.partition("<main")[2].partition("</main>")[0]


class _Fields(HTMLParser):
    """Collects what a browser would send of a page's controls."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, list[str]] = {}
        self.area = self.select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        kind, name = given.get("type", "text"), given.get("name", "")
        if tag == "input" and name and (kind not in {"checkbox", "radio"} or "checked" in given):
            self.found.setdefault(name, []).append(given.get("value", ""))
        elif tag == "textarea":
            self.area = name
            self.found.setdefault(name, []).append("")
        elif tag == "select":
            self.select = name
            self.found.setdefault(name, []).append("")
        elif tag == "option" and "selected" in given:
            self.found[self.select][-1] = given.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self.area = ""

    def handle_data(self, data: str) -> None:
        if self.area:
            self.found[self.area][-1] += data


def fields_of(html: str) -> dict[str, list[str]]:
    """Return what a browser would send of the controls of a page, untouched."""
    reader = _Fields()
    reader.feed(html)
    return reader.found

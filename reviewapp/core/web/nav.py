"""The side navigation, filled by the apps."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Item:
    """One link: its words, where it goes, its icon and group, the key after G; `count` and `visible` take the signed-in person."""

    label: str
    url_name: str
    icon: str
    group: str
    order: int
    key: str
    tone: str
    count: Callable[[Any], int | None]
    visible: Callable[[Any], bool]


_items: list[Item] = []


def register(
    *,
    label: str,
    url_name: str,
    icon: str,
    group: str,
    order: int = 50,
    key: str = "",
    tone: str = "",
    count: Callable[[Any], int | None] = lambda _: None,
    visible: Callable[[Any], bool] = lambda _: True,
) -> None:
    """Add a link to the navigation; registering the same address twice replaces it."""
    _items[:] = [item for item in _items if item.url_name != url_name]
    _items.append(Item(label, url_name, icon, group, order, key, tone, count, visible))


def items() -> list[Item]:
    """Return every link in order."""
    return sorted(_items, key=lambda item: item.order)

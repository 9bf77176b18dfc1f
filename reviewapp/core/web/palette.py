"""What the command palette finds: pages first, then whatever the apps' providers know under these words."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from reviewapp.core.web import nav

# Results of one group: what fits the dialog without scrolling past the next group.
GROUP_LIMIT = 6


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing to open: words, address, icon; `note` says what it is, `keys` are the keys that lead there too."""

    label: str
    href: str
    icon: str = "arrow-right"
    note: str = ""
    keys: tuple[str, ...] = ()


# Takes the signed-in person and what they typed; returns only what that person may open.
Provider = Callable[[Any, str], Iterable[Entry]]

_providers: dict[str, Provider] = {}


def register(group: str, provider: Provider) -> None:
    """Add a group of results; registering a group twice replaces it.

    The provider is called with at least one character typed. It answers within a few milliseconds: somebody is typing.
    """
    _providers[group] = provider


def find(user: Any, typed: str) -> list[tuple[str, list[Entry]]]:
    """Return the groups that have something for `typed`, at most six entries each; with nothing typed, the pages."""
    typed = typed.strip()[:80]
    found = [("Go to", [entry for entry in _pages(user) if matches(typed, entry.label)])]
    if typed:
        found += [(group, list(provider(user, typed))[:GROUP_LIMIT]) for group, provider in _providers.items()]
    return [(group, entries) for group, entries in found if entries]


def matches(typed: str, words: str) -> bool:
    """Say whether every word typed begins or stands inside `words`, in any order and case."""
    held = words.casefold()
    return all(part in held for part in typed.casefold().split())


def _pages(user: Any) -> list[Entry]:
    listed = [
        Entry(item.label, reverse(item.url_name), item.icon, item.group, ("g", item.key) if item.key else ())
        for item in nav.items()
        if item.visible(user)
    ]
    return [
        *listed,
        Entry("Preferences: theme, density, time zone, shortcuts", reverse("preferences"), "user-round"),
        Entry("Keyboard shortcuts", reverse("shortcuts"), "keyboard", keys=("?",)),
        Entry("Change password", reverse("account_change_password"), "key-round"),
        Entry("Second factor", reverse("mfa_index"), "shield-check"),
        Entry("Components", reverse("components"), "boxes"),
        Entry("API reference", reverse("api-docs"), "book-open"),
    ]

"""Moving and removing the entries of a list in a posted form: the buttons beside them work without script."""

from django.http import QueryDict

from reviewapp.core.web import schema_reader

# The name of the buttons; their value is what to do and with which entry: "up output.parts.1".
BUTTON = "arrange"
_STEPS = {"up": -1, "down": 1}


def arranged(posted: QueryDict) -> tuple[QueryDict, str]:
    """Return the form with the entry moved or removed as its button asked, and the dotted path of where it is now.

    A form whose button asked for nothing, or for what cannot be done, comes back as it was, with no path.
    """
    act, _, place = posted.get(BUTTON, "").partition(" ")
    path, _, number = place.rpartition(".")
    present = sorted(_numbers(posted, path))
    if not path or not number.isdecimal() or int(number) not in present:
        return posted, ""
    at = present.index(int(number))
    if act == "remove":
        return _renamed(
            posted, path, {one: place for place, one in enumerate(one for one in present if one != int(number))}
        ), ""
    to = at + _STEPS.get(act, 0)
    if act not in _STEPS or not 0 <= to < len(present):
        return posted, ""
    order = list(present)
    order[at], order[to] = order[to], order[at]
    return _renamed(posted, path, {one: place for place, one in enumerate(order)}), f"{path}.{to}"


def _numbers(posted: QueryDict, path: str) -> set[int]:
    """Return the numbers of a list's entries in the form."""
    found = {_split(name, path)[0] for name in posted}
    return {int(one) for one in found if one.isdecimal()}


def _renamed(posted: QueryDict, path: str, numbers: dict[int, int]) -> QueryDict:
    """Return the form with the entries of a list under their new numbers; those without one are left out."""
    made = QueryDict(mutable=True)
    for name, values in posted.lists():
        number, rest = _split(name, path)
        if not number.isdecimal():
            made.setlist(name, values)
        elif int(number) in numbers:
            made.setlist(f"{path}.{numbers[int(number)]}{rest}", values)
    return made


def _split(name: str, path: str) -> tuple[str, str]:
    """Return the number of the entry that a control belongs to and the rest of its name; no number for any other."""
    if not path or not name.startswith(f"{path}."):
        return "", ""
    inner = name.removeprefix(f"{path}.")
    number = inner.partition(".")[0].removesuffix(schema_reader.EMPTY)
    return number, inner.removeprefix(number)

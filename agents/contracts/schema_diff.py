"""What changes between two schemas, and for whom: senders of an input fear narrowing, readers of an output widening."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from agents.contracts import fields
from agents.contracts.schema import DEEPEST, join

Effect = Literal["breaking", "care", "safe"]
Side = Literal["input", "output"]
_KINDS = ("string", "integer", "number", "boolean", "array", "object", "null")
# (keyword, in words, whether a larger value allows more)
_BOUNDS = (
    ("minimum", "smallest value", False),
    ("exclusiveMinimum", "lower limit", False),
    ("minLength", "shortest text", False),
    ("minItems", "fewest items", False),
    ("maximum", "largest value", True),
    ("exclusiveMaximum", "upper limit", True),
    ("maxLength", "longest text", True),
    ("maxItems", "most items", True),
)
_RULES = (("format", "format"), ("pattern", "pattern"), ("multipleOf", "step"), ("uniqueItems", "rule of unique items"))
_WORDS = frozenset({"title", "description", "examples", "x-order", "x-group", "x-source", "x-control", "$comment"})
_JUDGED = (
    _WORDS
    | {keyword for keyword, _, _ in _BOUNDS}
    | {keyword for keyword, _ in _RULES}
    | {"type", "enum", "const", "properties", "required", "items", "additionalProperties", "default"}
    | {"x-unit", "x-class", "$ref", "$defs", "definitions", "$schema", "$id"}
)


@dataclass(frozen=True, slots=True)
class Change:
    """One change: `effect` on those who keep to the old contract, where (dotted path), and what, in words."""

    effect: Effect
    path: str
    text: str


@dataclass(frozen=True, slots=True)
class _Pair:
    """The two roots that references are followed in, the side, and whether the new contract drops unknown fields."""

    old: Mapping[str, Any]
    new: Mapping[str, Any]
    side: Side
    drops: bool

    @property
    def narrower(self) -> Effect:
        """Return what allowing less means."""
        return "breaking" if self.side == "input" else "care"

    @property
    def wider(self) -> Effect:
        """Return what allowing more means."""
        return "safe" if self.side == "input" else "breaking"


def compare(
    old: Mapping[str, Any], new: Mapping[str, Any], *, side: Side, path: str, drops: bool = False
) -> Iterator[Change]:
    """Yield what changes from one object schema to another.

    `side` says who is hurt: for "input" whoever sends documents of the old one, for "output" whoever reads them.
    `drops` says that the new contract leaves out input fields it does not know. What cannot be judged is breaking.
    """
    yield from _object(_Pair(old, new, side, drops), old, new, path, 0)


def _object(pair: _Pair, old: Mapping[str, Any], new: Mapping[str, Any], path: str, depth: int) -> Iterator[Change]:
    before, after = old.get("properties", {}), new.get("properties", {})
    must_before, must_after = set(old.get("required", ())), set(new.get("required", ()))
    for name in before:
        if name not in after:
            yield _removed(pair, join(path, "properties", name), name)
    for name in after:
        at = join(path, "properties", name)
        if name not in before:
            yield _added(pair, at, name, required=name in must_after)
            continue
        yield from _need(pair, at, name, was=name in must_before, now=name in must_after)
        yield from _property(pair, before[name], after[name], at, depth + 1)
    for name in sorted((must_after - must_before) - set(after)):
        yield Change(pair.narrower, join(path, "required"), f"{name} must be there now.")
    yield from _openness(pair, old, new, path)


def _removed(pair: _Pair, path: str, name: str) -> Change:
    if pair.side == "output":
        return Change("breaking", path, f"{name} is not answered any more; agents that read it find nothing.")
    if pair.drops:
        return Change("care", path, f"{name} is not read any more; it is dropped where agents still send it.")
    return Change("breaking", path, f"{name} is not known any more; requests that send it are refused.")


def _added(pair: _Pair, path: str, name: str, *, required: bool) -> Change:
    if pair.side == "output":
        return Change("safe", path, f"{name} is answered as well.")
    if required:
        return Change("breaking", path, f"{name} is new and required; requests without it are refused.")
    return Change("safe", path, f"{name} may be sent as well.")


def _need(pair: _Pair, path: str, name: str, *, was: bool, now: bool) -> Iterator[Change]:
    if was == now:
        return
    if pair.side == "input":
        text = f"{name} becomes required; requests without it are refused." if now else f"{name} may be left out."
        yield Change("breaking" if now else "safe", path, text)
    else:
        text = f"{name} is always answered." if now else f"{name} may be missing from the answer."
        yield Change("care" if now else "breaking", path, text)


def _property(pair: _Pair, old: Any, new: Any, path: str, depth: int) -> Iterator[Change]:
    one, other = fields.resolved(pair.old, old), fields.resolved(pair.new, new)
    if depth > DEEPEST or one == other == {}:
        return
    yield from _meaning(one, other, path)
    yield from _types(pair, one, other, path)
    yield from _values(pair, one, other, path)
    yield from _bounds(pair, one, other, path)
    for keyword, words in _RULES:
        yield from _rule(pair, one, other, path, keyword, words)
    if "properties" in one or "properties" in other:
        yield from _object(pair, one, other, path, depth)
    if isinstance(one.get("items"), Mapping) or isinstance(other.get("items"), Mapping):
        yield from _property(pair, one.get("items", {}), other.get("items", {}), join(path, "items"), depth + 1)
    yield from _rest(one, other, path)


def _meaning(old: Mapping[str, Any], new: Mapping[str, Any], path: str) -> Iterator[Change]:
    before, after = old.get("x-unit", ""), new.get("x-unit", "")
    if before != after:
        said = f"The unit changes from {before or 'none'} to {after or 'none'}: the same number means another amount."
        yield Change("breaking", join(path, "x-unit"), said)
    before, after = old.get("x-class", "internal"), new.get("x-class", "internal")
    if before != after:
        fewer = fields.CLASSES.index(after) > fields.CLASSES.index(before)
        said = "fewer people may see it" if fewer else "more people may see it"
        yield Change("care", join(path, "x-class"), f"The class changes from {before} to {after}: {said}.")
    if old.get("default") != new.get("default"):
        said = f"from {fields.human(old.get('default'))} to {fields.human(new.get('default'))}"
        yield Change("care", join(path, "default"), f"The value taken when it is left out changes {said}.")
    # Not `x-order`: a field that goes or comes moves all that follow.
    if any(old.get(key) != new.get(key) for key in _WORDS - {"x-order"}):
        yield Change("safe", path, "Its words or its place on the page change.")


def _types(pair: _Pair, old: Mapping[str, Any], new: Mapping[str, Any], path: str) -> Iterator[Change]:
    before, after = _allowed(old), _allowed(new)
    lost, gained = sorted(before - after), sorted(after - before)
    at = join(path, "type")
    if lost:
        yield Change(
            pair.narrower,
            at,
            f"{_listed(lost)} is not taken any more."
            if pair.side == "input"
            else f"{_listed(lost)} does not occur any more.",
        )
    if gained:
        yield Change(pair.wider, at, f"{_listed(gained)} is possible as well.")


def _allowed(schema: Mapping[str, Any]) -> set[str]:
    given = schema.get("type")
    names = {given} if isinstance(given, str) else set(given or _KINDS)
    # Every whole number is a number.
    return names | {"integer"} if "number" in names else names


def _listed(names: list[str]) -> str:
    words = {"string": "text", "integer": "a whole number", "number": "a number with decimals", "boolean": "yes or no"}
    words |= {"array": "a list", "object": "an object", "null": "null"}
    text = " or ".join(words.get(name, name) for name in names)
    return text[:1].upper() + text[1:]


def _values(pair: _Pair, old: Mapping[str, Any], new: Mapping[str, Any], path: str) -> Iterator[Change]:
    before, after = fields.constants(old), fields.constants(new)
    at = join(path, "enum")
    if not before or not after:
        if after:
            yield Change(pair.narrower, at, f"Only {_choices(after)} are possible now.")
        elif before:
            yield Change(pair.wider, at, "Any value is possible now; before there was a list.")
        return
    # Compared with their types: 1 and true are equal to Python, and two values to JSON.
    kept, known = {_key(value) for value in after}, {_key(value) for value in before}
    lost = [value for value in before if _key(value) not in kept]
    gained = [value for value in after if _key(value) not in known]
    if lost:
        yield Change(pair.narrower, at, f"{_choices(lost)} is not possible any more.")
    if gained:
        end = "" if pair.side == "input" else "; agents may not know what to do with it"
        yield Change(pair.wider, at, f"{_choices(gained)} is possible as well{end}.")


def _key(value: Any) -> tuple[bool, str]:
    return isinstance(value, bool), repr(float(value)) if isinstance(value, int | float) else repr(value)


def _choices(values: Any) -> str:
    return ", ".join("null" if value is None else fields.human(value) for value in values)


def _bounds(pair: _Pair, old: Mapping[str, Any], new: Mapping[str, Any], path: str) -> Iterator[Change]:
    loose: Effect = "safe" if pair.side == "input" else "care"
    for keyword, words, more in _BOUNDS:
        before, after = old.get(keyword), new.get(keyword)
        if before == after:
            continue
        wider = after is None or (before is not None and (after > before) is more)
        said = f"from {'none' if before is None else fields.human(before)} to " + (
            "none" if after is None else fields.human(after)
        )
        yield Change(loose if wider else pair.narrower, join(path, keyword), f"The {words} changes {said}.")


def _rule(
    pair: _Pair, old: Mapping[str, Any], new: Mapping[str, Any], path: str, keyword: str, words: str
) -> Iterator[Change]:
    before, after = old.get(keyword), new.get(keyword)
    if (before or None) == (after or None):
        return
    effect: Effect = ("safe" if pair.side == "input" else "care") if not after else pair.narrower
    said = f"from {before or 'none'} to {after or 'none'}"
    yield Change(effect, join(path, keyword), f"The {words} changes {said}.")


def _openness(pair: _Pair, old: Mapping[str, Any], new: Mapping[str, Any], path: str) -> Iterator[Change]:
    before, after = old.get("additionalProperties", False), new.get("additionalProperties", False)
    if before == after:
        return
    at = join(path, "additionalProperties")
    if after is False:
        dropped = pair.side == "input" and pair.drops
        text = (
            "Fields that are not listed are dropped now." if dropped else "Fields that are not listed are refused now."
        )
        yield Change("care" if dropped else pair.narrower, at, text)
    elif before is False:
        yield Change("safe" if pair.side == "input" else "care", at, "Fields that are not listed are possible now.")
    else:
        yield Change("breaking", at, "What fields that are not listed may hold changes.")


def _rest(old: Mapping[str, Any], new: Mapping[str, Any], path: str) -> Iterator[Change]:
    listed = {"oneOf", "anyOf"} if fields.constants(old) or fields.constants(new) else set()
    for keyword in sorted((set(old) | set(new)) - _JUDGED - listed):
        if old.get(keyword) != new.get(keyword):
            yield Change("breaking", join(path, keyword), f"{keyword} changes in a way that cannot be judged here.")

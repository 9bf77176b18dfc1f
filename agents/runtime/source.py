"""Rule source text before the engine sees it: presence tests, loop depth, and what the engine's complaints mean."""

import re
from collections.abc import Iterable, Mapping

_LITERAL = r'[rR]?"""(?:.|\n)*?"""|[rR]?\'\'\'(?:.|\n)*?\'\'\'|[rR]"[^"\n]*"|[rR]\'[^\'\n]*\'|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'|//[^\n]*'
_HAS = re.compile(rf"(?P<skip>{_LITERAL})|\bhas\s*\(\s*(?P<path>[A-Za-z_]\w*(?:\s*\.\s*[A-Za-z_]\w*)+)\s*\)")
_STEP = re.compile(
    rf"(?P<skip>{_LITERAL})|\.\s*(?P<loop>all|exists|exists_one|map|filter)\s*\(|(?P<open>\()|(?P<close>\))"
)
_BARE = re.compile(_LITERAL)
_BUILDS = re.compile(r"\.\s*(?:map|filter)\s*\(")
_UNDECLARED = re.compile(r"undeclared reference to '([^']+)'")
_OVERLOAD = re.compile(r"found no matching overload for '([^']+)' applied to '\(([^)]*)\)'")
_JOIN = re.compile(r"overload for '_\+_' applied to '\((?:string|bytes|list\()")
_PLACE = re.compile(r"<input>:(\d+):(\d+): ([^\n]*)")
_WORDS = {
    "int": "a whole number",
    "double": "a decimal number",
    "string": "text",
    "bool": "true or false",
    "null_type": "null",
}


class RuleFault(ValueError):
    """A rule that cannot be used; the message says where and how to mend it."""


def prepare(text: str, presence: Mapping[str, str]) -> str:
    """Return the rule with every `has(path)` of a known path turned into the name that holds its answer.

    An unknown path below a known root loses its `has`, so that the engine complains about the path itself. Literals,
    comments and loop variables stay as they are.
    """
    roots = {path.partition(".")[0] for path in presence}

    def answer(match: re.Match[str]) -> str:
        if match.group("path") is None:
            return match.group(0)
        path = re.sub(r"\s+", "", match.group("path"))
        if path.partition(".")[0] not in roots:
            return match.group(0)
        return presence.get(path, path)

    return _HAS.sub(answer, text)


def loop_depth(text: str) -> int:
    """Return how deep loops (all, exists, exists_one, map, filter) are nested in a rule."""
    stack: list[bool] = []
    deepest = 0
    for match in _STEP.finditer(text):
        if match.group("skip") is not None:
            continue
        if match.group("close"):
            if stack:
                stack.pop()
            continue
        stack.append(match.group("loop") is not None)
        deepest = max(deepest, sum(stack))
    return deepest


def bare(text: str) -> str:
    """Return the rule without its literals and comments."""
    return _BARE.sub(" ", text)


def builds(text: str) -> bool:
    """Tell whether a rule makes new lists, by map or filter."""
    return _BUILDS.search(bare(text)) is not None


def joins(complaint: str) -> bool:
    """Tell whether the engine's complaint is about texts or lists put together with +."""
    return _JOIN.search(complaint) is not None


def explain(complaint: str, names: Iterable[str]) -> str:
    """Return the engine's complaint about a rule as a sentence with a position and a mend."""
    place = _PLACE.search(complaint)
    where = f"At character {place.group(2)}: " if place else ""
    if found := _UNDECLARED.search(complaint):
        return where + _unknown(found.group(1), names)
    if found := _OVERLOAD.search(complaint):
        return where + _mismatch(found.group(1), found.group(2))
    return where + (place.group(3) if place else complaint.partition("[")[0].strip())


def _unknown(name: str, names: Iterable[str]) -> str:
    known = list(names)
    last = name.rpartition(".")[2].replace("_", "").lower()
    near = [path for path in known if path.rpartition(".")[2].replace("_", "").lower() == last]
    hint = f"Did you mean {near[0]}?" if near else f"Known are, for example, {', '.join(known[:4])}."
    return f"there is no field {name}. {hint}"


def _mismatch(operator: str, kinds: str) -> str:
    given = [kind.strip() for kind in kinds.split(",")]
    sign = operator.strip("_").replace("_", " ")
    words = " and ".join(_WORDS.get(kind, kind) for kind in given)
    mend = ""
    if set(given) == {"int", "double"}:
        mend = " Write 24.0 beside a number field and 24 beside a whole-number field, or use double(…)."
    elif "null_type" in given:
        mend = " Use has(…) to ask whether a field was given."
    return f"{sign} does not go with {words}.{mend}"

"""What somebody searches for: words, and fields with values, read from one line of text."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

KINDS = ("tasks", "decisions", "corrections")
LONGEST = 400
_WORD = re.compile(r"\w+")
_TOKEN = re.compile(r'(?P<field>[A-Za-z_]+):(?:"(?P<quoted>[^"]*)"|(?P<plain>\S*))|"(?P<phrase>[^"]*)"|(?P<word>\S+)')
_MOST_WORDS = 20

# The fields of each kind with what they take, in the order in which help lists them.
FIELDS: Mapping[str, Mapping[str, str]] = {
    "tasks": {
        "agent": "an agent's short name",
        "queue": "a queue's code",
        "state": "open, done or cancelled",
        "kind": "review or adjudication",
        "is": "overdue, held or mine",
        "ref": "a case reference, whole",
        "since": "a day such as 2026-11-01",
        "until": "a day such as 2026-11-30",
    },
    "decisions": {
        "agent": "an agent's short name",
        "status": "auto, review or escalate",
        "version": "a policy version's number",
        "ref": "a case reference, whole",
        "since": "a day such as 2026-11-01",
        "until": "a day such as 2026-11-30",
    },
    "corrections": {
        "agent": "an agent's short name",
        "verdict": "agree, correct, cannot_tell or escalate",
        "reason": "a reason code",
        "by": "a user name, or me",
        "ref": "a case reference, whole",
        "since": "a day such as 2026-11-01",
        "until": "a day such as 2026-11-30",
    },
}
_CHOICES: Mapping[tuple[str, str], Sequence[str]] = {
    ("tasks", "state"): ("open", "done", "cancelled"),
    ("tasks", "kind"): ("review", "adjudication"),
    ("tasks", "is"): ("overdue", "held", "mine"),
    ("decisions", "status"): ("auto", "review", "escalate"),
    ("corrections", "verdict"): ("agree", "correct", "cannot_tell", "escalate"),
}


class QueryFault(ValueError):
    """A line that cannot be read; its text says the mend."""


@dataclass(frozen=True, slots=True)
class Query:
    """What is searched: `words` all of which occur (the last letters of a word may be missing), `phrases` of words that stand
    together, and `fields` by name. `since` and `until` are whole days, both included.
    """

    kind: str
    words: tuple[str, ...] = ()
    phrases: tuple[tuple[str, ...], ...] = ()
    fields: Mapping[str, str] = field(default_factory=dict)
    since: date | None = None
    until: date | None = None

    @property
    def is_empty(self) -> bool:
        """Say whether everything is wanted."""
        return not (self.words or self.phrases or self.fields or self.since or self.until)

    @property
    def tsquery(self) -> str:
        """Return words and phrases as PostgreSQL's `to_tsquery` reads them; empty without any."""
        parts = [f"'{word}':*" for word in self.words]
        parts += ["(" + " <-> ".join(f"'{word}'" for word in phrase) + ")" for phrase in self.phrases]
        return " & ".join(parts)

    @property
    def ends_before(self) -> date | None:
        """Return the day before whose beginning everything lies, None without an end."""
        return self.until + timedelta(days=1) if self.until else None


def words_of(text: str) -> list[str]:
    """Return a text's words as they are kept and searched: letters and digits, lower case; everything else parts words."""
    return _WORD.findall(text.lower())


def read(kind: str, text: str) -> Query:
    """Read a line such as `car loan agent:credit state:open`. Raises `QueryFault` with the mend."""
    if kind not in KINDS:
        raise QueryFault(f"Search one of {', '.join(KINDS)}.")
    if len(text) > LONGEST or "\x00" in text:
        raise QueryFault(f"Use up to {LONGEST} characters.")
    words: list[str] = []
    phrases: list[tuple[str, ...]] = []
    fields: dict[str, str] = {}
    for found in _TOKEN.finditer(text):
        name = (found["field"] or "").lower()
        if name:
            value = found["quoted"] if found["quoted"] is not None else found["plain"]
            _add(kind, name, value.strip(), fields)
        elif found["phrase"] is not None:
            if phrase := tuple(words_of(found["phrase"])):
                phrases.append(phrase)
        else:
            words.extend(words_of(found["word"]))
    if len(words) + sum(map(len, phrases)) > _MOST_WORDS:
        raise QueryFault(f"Use at most {_MOST_WORDS} words.")
    since, until = _day(fields, "since"), _day(fields, "until")
    if since and until and since > until:
        raise QueryFault("since: lies after until:. Swap them.")
    return Query(kind, tuple(dict.fromkeys(words)), tuple(phrases), fields, since, until)


def _add(kind: str, name: str, value: str, fields: dict[str, str]) -> None:
    known = FIELDS[kind]
    if name not in known:
        raise QueryFault(f"There is no {name}: in {kind}. Use {', '.join(f'{one}:' for one in known)}.")
    if not value:
        raise QueryFault(f"Say which after {name}: {known[name]}.")
    if name in fields and fields[name] != value:
        raise QueryFault(f"{name}: stands there twice. Keep one.")
    choices = _CHOICES.get((kind, name))
    if choices and value not in choices:
        raise QueryFault(f"{name}: takes {known[name]}.")
    if name == "version" and not (value.isascii() and value.isdigit() and len(value) < 10):
        raise QueryFault("version: takes a whole number.")
    fields[name] = value


def _day(fields: dict[str, str], name: str) -> date | None:
    value = fields.pop(name, None)
    if value is None:
        return None
    try:
        day = date.fromisoformat(value)
    except ValueError:
        day = date.min
    if not 1970 <= day.year <= 9000:
        raise QueryFault(f"{name}: takes a day such as 2026-11-01.")
    return day

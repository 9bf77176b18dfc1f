"""A version's policy as it is stored: the canonical text, what is different in it, and the bytes themselves."""

import difflib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from policies.selectors import sources, versions
from reviewapp.core import ids


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the source; `kind` is same, added, removed or gap (lines left out)."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Sealed:
    """The bytes that serve, under the name they are saved as."""

    name: str
    digest: str
    content: bytes


def source(user: Any, version_id: UUID) -> tuple[Line, ...]:
    """Return the policy's canonical JSON line by line, against the version it was built upon; all of it for a first one.

    Raises `Missing` when `user` may not see the version's agent.
    """
    version = versions.load(user, version_id).version
    after = _text(sources.policy(version.artifact_id).body)
    if version.parent is None:
        return tuple(Line("same", line) for line in after)
    return tuple(_compared(_text(sources.policy(version.parent.artifact_id).body), after))


def sealed(user: Any, version_id: UUID) -> Sealed:
    """Return the exact bytes of a version's policy. Raises `Missing` as `source` does."""
    found = versions.load(user, version_id)
    version = found.version
    agent = sources.agent(version.agent_id)
    content = ids.canonical(sources.policy(version.artifact_id).body)
    return Sealed(f"{agent.slug}-{version.number}.policy.json", version.artifact_id, content)


def signed(user: Any, version_id: UUID) -> Sealed:
    """Return a version's policy with its signatures, as a DSSE envelope in JSON. Raises `Missing` as `source` does."""
    found = sealed(user, version_id)
    content = ids.canonical(sources.envelope(found.digest))
    return Sealed(found.name.replace(".policy.json", ".policy.dsse.json"), found.digest, content)


def _text(body: Any) -> list[str]:
    """Return the canonical members in their canonical order, one to a line, so that a change is a line."""
    return json.dumps(json.loads(ids.canonical(body)), indent=2, ensure_ascii=False).splitlines()


def _compared(before: list[str], after: list[str]) -> Iterator[Line]:
    kinds = {" ": "same", "+": "added", "-": "removed"}
    for line in list(difflib.unified_diff(before, after, lineterm="", n=3))[2:]:
        if line.startswith("@@"):
            yield Line("gap", line)
        else:
            yield Line(kinds[line[0]], line[1:])

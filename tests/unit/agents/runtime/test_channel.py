"""Channel statements: written and read back, and when they must not be followed."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.runtime import channel
from agents.runtime.channel import Pointer, Statement, StatementError

NOW = datetime(2026, 11, 23, 12, 0, 0, 123456, tzinfo=UTC)
GOOD = Statement(
    agent="lending",
    serial=7,
    stable=Pointer("sha256:a", 3),
    canary=Pointer("sha256:b", 4),
    canary_share=1500,
    salt="salt",
    issued_at=NOW,
    not_after=NOW + timedelta(hours=24),
    revoked=("sha256:c",),
)


def changed(**members: Any) -> bytes:
    return json.dumps({**json.loads(GOOD.content()), **members}).encode()


_pointers = st.builds(Pointer, st.text(max_size=80), st.integers(0, 10**6))
_times = st.datetimes(timezones=st.just(UTC))


@given(
    st.builds(
        Statement,
        agent=st.text(max_size=60),
        serial=st.integers(0, 2**53 - 1),
        stable=_pointers,
        canary=st.none() | _pointers,
        canary_share=st.integers(0, 10_000),
        salt=st.text(max_size=80),
        issued_at=_times,
        not_after=_times,
        revoked=st.lists(st.text(max_size=80), max_size=5).map(lambda found: tuple(sorted(found))),
    )
)
def test_read__any_statement__is_the_same_and_has_one_form(statement: Statement):
    assert channel.read(statement.content()) == statement
    assert channel.read(statement.content()).content() == statement.content()


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_read__any_json__is_refused_and_never_fails_otherwise(body: Any):
    with pytest.raises(StatementError):
        channel.read(json.dumps(body).encode())


@pytest.mark.parametrize("statement", [GOOD, replace(GOOD, stable=None, canary=None, canary_share=0, revoked=())])
def test_read__what_was_written__is_the_same(statement: Statement):
    assert channel.read(statement.content()) == statement


def test_content__same_statement__same_bytes():
    elsewhere = replace(GOOD, issued_at=NOW.astimezone(), revoked=GOOD.revoked)
    assert elsewhere.content() == GOOD.content()


def test_admit__good__passes():
    GOOD.admit(agent="lending", floor=7, now=NOW)
    GOOD.admit(agent="lending", floor=1, now=GOOD.not_after - timedelta(microseconds=1))


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"agent": "other"}, "for lending, not for other"),
        ({"floor": 8}, "serial 7, and 8 was there before"),
        ({"now": GOOD.not_after}, "ran out"),
        ({"now": GOOD.not_after + timedelta(days=1)}, "ran out"),
    ],
)
def test_admit__for_another_older_or_expired__is_refused(given: dict[str, Any], words: str):
    with pytest.raises(StatementError, match=words):
        GOOD.admit(**{"agent": "lending", "floor": 7, "now": NOW, **given})


@pytest.mark.parametrize("digest", ["sha256:a", "sha256:b"])
def test_admit__serves_what_it_revokes__is_refused_and_names_it(digest: str):
    with pytest.raises(StatementError, match=digest) as caught:
        replace(GOOD, revoked=(digest,)).admit(agent="lending", floor=1, now=NOW)
    assert caught.value.revoked == (digest,)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"{}",
        b"\xff",
        changed(format="countersign.channel/2"),
        changed(serial="7"),
        changed(serial=True),
        changed(serial=-1),
        changed(agent=None),
        changed(stable={"digest": "sha256:a"}),
        changed(stable=None),
        changed(canary_share=10_001),
        changed(not_after="tomorrow"),
        changed(not_after="2026-11-24T12:00:00"),
        changed(revoked=[1]),
        changed(revoked=None),
    ],
)
def test_read__no_statement__is_refused(content: bytes):
    with pytest.raises(StatementError):
        channel.read(content)

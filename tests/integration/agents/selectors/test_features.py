"""History as it stood at a moment: the query and the pure rule agree with an oracle that tries everything."""

from datetime import UTC, datetime, timedelta
from types import MappingProxyType

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agents.runtime import moments
from agents.runtime.moments import Known
from agents.selectors import features
from reviewapp.core.errors import Missing
from tests.factories import serving
from tests.factories.features import row, send, view

pytestmark = pytest.mark.django_db
START = datetime(2026, 9, 30, 22, tzinfo=UTC)

# Few hours and few entities, over the end of a month: so that ties, late rows and both partitions really occur.
hours = st.integers(0, 6).map(lambda hour: START + timedelta(hours=hour))
entities = st.sampled_from(["a", "b"])


@st.composite
def arrivals(draw):
    """A row: what happened when, and when it arrived (late by any delay, or before it happened by a skewed clock)."""
    event, arrived, income = draw(hours), draw(hours), draw(st.integers(0, 3))
    return draw(entities), Known(event, arrived, f"d{income}", MappingProxyType({"income": income}))


def oracle(history, entity, moment):
    """Play the past hour by hour: keep what had arrived, then take the last that had happened."""
    desk: list[Known] = []
    for known in sorted((one for owner, one in history if owner == entity), key=lambda one: one.ingested_at):
        if known.ingested_at > moment:
            break
        desk.append(known)
    happened = [one for one in desk if one.event_time <= moment]
    happened.sort(key=lambda one: (one.event_time, one.ingested_at, one.digest))
    return happened[-1] if happened else None


def unique(rows):
    """Drop what the primary key would: the same content for the same moment, whenever it comes again."""
    seen: dict[tuple, tuple[str, Known]] = {}
    for entity, known in rows:
        seen.setdefault((entity, known.event_time, known.digest), (entity, known))
    return list(seen.values())


def write(version_id, history):
    with connection.cursor() as cursor:
        cursor.executemany(
            'INSERT INTO agents_featurevalue (version_id, entity, event_time, digest, "values", ingested_at,'
            " ingested_by) VALUES (%s, %s, %s, %s, %s::jsonb, %s, 'test')",
            [
                (
                    version_id,
                    owner,
                    one.event_time,
                    one.digest,
                    f'{{"income": {one.values["income"]}}}',
                    one.ingested_at,
                )
                for owner, one in history
            ],
        )


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(arrivals(), max_size=12), asked=st.lists(st.tuples(entities, hours), min_size=1, max_size=6))
def test_as_of__any_history__query_rule_and_oracle_agree(known_view, rows, asked):
    history = unique(rows)
    with transaction.atomic():
        write(known_view.id, history)
        found = features.as_of(known_view.id, asked)
        transaction.set_rollback(True)

    for (entity, moment), answer in zip(asked, found, strict=True):
        expected = oracle(history, entity, moment)
        assert answer == expected
        assert moments.as_of([one for owner, one in history if owner == entity], moment) == expected


@given(rows=st.lists(arrivals(), max_size=12), late=st.lists(arrivals(), max_size=6), moment=hours)
def test_as_of__rows_that_arrive_later__never_change_the_past(rows, late, moment):
    before = [one for _, one in rows]
    after = [one for _, one in late if one.ingested_at > moment or one.event_time > moment]

    assert moments.as_of(before + after, moment) == moments.as_of(before, moment)


@pytest.fixture
def known_view():
    """A view without values."""
    return view(serving.world(slug="lending").agent)


def test_definition__unknown_name_or_version__missing(known_view):
    assert features.definition("applicant").version == 1
    assert features.definition("applicant", 1).id == known_view.id
    with pytest.raises(Missing):
        features.definition("applicant", 2)
    with pytest.raises(Missing):
        features.definition("nobody")


def test_latest__several_rows__the_newest_event(known_view):
    send(known_view, row(age=50, income=2.0), row(age=900, income=1.0))

    found = features.latest(known_view.id, "a-1")

    assert found is not None
    assert found.values == {"income": 2.0}
    assert features.latest(known_view.id, "a-9") is None

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, given
from hypothesis import settings as terms
from hypothesis import strategies as st

from agents import tasks
from agents.models import Decision, DecisionKey, OpenDecision
from agents.selectors import answers
from agents.selectors import features as reading
from agents.services import months, resolutions, retention
from reviewapp.core import clock
from reviewapp.core.accounts import actors
from reviewapp.core.events.models import Event
from tests.factories import features as feeding
from tests.factories import serving
from tests.factories.decisions import decided

OLD = datetime(2024, 2, 10, 12, tzinfo=UTC)
# Bounds of the property test; its strategy takes them without a time zone and adds UTC itself.
FIRST, LAST = (datetime(year, 6, 1, tzinfo=UTC).replace(tzinfo=None) for year in (1970, 2999))
PART = "agents_decision_202402"


def run(statement: str, *values: object) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall() if cursor.description else []


def uuid7(moment: datetime, tail: int | None = None) -> UUID:
    """A UUIDv7 (RFC 9562, 5.7) of a moment with any random bits."""
    bits = uuid4().int if tail is None else tail
    number = int(moment.timestamp() * 1000) << 80 | bits & ((1 << 80) - 1)
    return UUID(int=number & ~(0xF000 << 64) & ~(0xC000 << 48) | 0x7000 << 64 | 0x8000 << 48)


def old(row: Decision, *, key: str | None = None) -> Decision:
    """A copy of a decision, made long ago."""
    row.pk, row.idempotency_key = uuid7(OLD), key
    row.save(force_insert=True)
    return row


def where(decision: Decision) -> str:
    return run("SELECT tableoid::regclass::text FROM agents_decision WHERE id = %s", decision.pk)[0][0]


@pytest.fixture
def world(db, settings) -> Iterator[serving.World]:
    settings.DECISION_RETENTION_DAYS = 365
    made = serving.world()
    run("SELECT agents_decision_month(%s)", OLD)
    yield made
    # Attaching and detaching cannot be done while checks of rows that the test made wait for its end.
    run("SET CONSTRAINTS ALL IMMEDIATE")


def detach() -> list[retention.Left]:
    return retention.detach_due(now=clock.now(), by=actors.SYSTEM)


@terms(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    moment=st.datetimes(FIRST, LAST, timezones=st.just(UTC)),
    tail=st.integers(0, (1 << 80) - 1),
)
def test_bounds__any_moment_and_any_random_bits__lie_in_the_month_of_the_id(db, moment, tail):
    first = moment.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    after = (first + timedelta(days=32)).replace(day=1)

    low, high = run("SELECT agents_decision_least(%s), agents_decision_least(%s)", first, after)[0]

    assert low <= uuid7(moment, tail) < high
    assert uuid7(first - timedelta(milliseconds=1), tail) < low
    assert uuid7(after, tail) >= high


def test_decision__today__lies_in_this_months_partition(world):
    assert where(decided(world)) == f"agents_decision_{clock.now():%Y%m}"


def test_decision__id_without_a_month__lies_in_the_rest(world):
    row = decided(world)
    row.pk = uuid4()
    row.save(force_insert=True)

    assert where(row) == "agents_decision_rest"


def test_months_ahead__a_month_later__one_of_each_made_and_guarded(world):
    assert months.ahead(now=clock.now() + timedelta(days=31)) in {2, 4}
    assert months.ahead(now=clock.now() + timedelta(days=31)) == 0
    name = run("SELECT max(relname) FROM pg_class WHERE relname ~ '^agents_decision_[0-9]{6}$'")[0][0]
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        run(f"TRUNCATE {name}")


@pytest.mark.parametrize("table", ["agents_resolution", "agents_deadline", "agents_outcome"])
def test_reference__to_no_decision__is_refused(world, table):
    columns = {
        "agents_resolution": "id, agent_id, contract_id, output, source, reference, resolved_at, resolved_by_kind, resolved_by, resolved_by_label",
        "agents_deadline": "agent_id, due_at, outcome, settled_at",
        "agents_outcome": 'id, agent_id, contract_id, body, "values", digest, observed_at, recorded_at, recorded_by_kind, recorded_by, recorded_by_label',
    }[table]
    row = decided(world, serving.UNSURE_INPUT)
    values = {
        "id": uuid4(), "agent_id": row.agent_id, "contract_id": row.contract_id, "output": "{}", "source": "review",
        "reference": "", "body": "{}", '"values"': "{}", "digest": "d", "outcome": "", "settled_at": None,
    }  # fmt: skip
    listed = [name.strip() for name in columns.split(",")]
    given_ = [values.get(name, clock.now() if name.endswith("_at") else "x") for name in listed]
    marks = ", ".join(["%s"] * (len(listed) + 1))

    with pytest.raises(IntegrityError, match=r"no .* in agents_decision|bound to the agent"), transaction.atomic():
        run(f"INSERT INTO {table} (decision_id, {columns}) VALUES ({marks})", uuid4(), *given_)  # noqa: S608 - ours


def test_every_table_that_names_decisions__has_the_guard(db):
    named = {(one.related_model._meta.db_table, one.field.column) for one in Decision._meta.related_objects}
    guarded = {name for (name,) in run("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal")}

    # A correction names its task's decision: a foreign key to the two together, and the task has the guard.
    assert run("SELECT 1 FROM pg_constraint WHERE conname = 'correction_of_task' AND convalidated")
    named.remove(("corrections_correction", "decision_id"))
    assert {f"{table}_{column}_refers" for table, column in named} <= guarded


def test_key__taken_by_raw_sql__is_refused(world):
    row = old(decided(world), key="one")

    with pytest.raises(IntegrityError, match="decision_once_per_key"), transaction.atomic():
        old(row, key="one")
    assert DecisionKey.objects.get(key="one").decision_id != row.pk


def test_detach__nothing_set__everything_stays(world, settings):
    settings.DECISION_RETENTION_DAYS = 0
    old(decided(world))

    assert detach() == []


def test_detach__month_too_young__stays(world, settings):
    settings.DECISION_RETENTION_DAYS = (clock.now() - datetime(2024, 2, 29, tzinfo=UTC)).days

    assert detach() == []


def test_detach__old_month__automatic_ones_leave_and_what_people_saw_or_know_stays(world):
    plain, told = old(decided(world), key="plain"), old(decided(world), key="told")
    flagged = old(decided(world, serving.UNSURE_INPUT))
    answered = old(decided(world, serving.UNSURE_INPUT))
    resolutions.resolve(decision_id=answered.pk, output={"action": "approve"}, source="review", by=actors.SYSTEM)
    run(
        'INSERT INTO agents_outcome (id, decision_id, agent_id, contract_id, body, "values", digest, observed_at,'
        " recorded_at, recorded_by_kind, recorded_by, recorded_by_label)"
        " VALUES (%s, %s, %s, %s, '{}', '{}', 'd', now(), now(), 'system', 'x', 'x')",
        uuid4(), told.pk, told.agent_id, told.contract_id,
    )  # fmt: skip
    young = decided(world)

    assert detach() == [retention.Left(f"{PART}_left", 4, 3)]

    assert set(Decision.objects.values_list("pk", flat=True)) >= {told.pk, flagged.pk, answered.pk, young.pk}
    assert not Decision.objects.filter(pk=plain.pk).exists()
    assert where(flagged) == PART
    assert run("SELECT count(*) FROM agents_decision_202402_left WHERE id = %s", plain.pk) == [(1,)]
    assert set(DecisionKey.objects.values_list("key", flat=True)) == {"told"}
    assert OpenDecision.objects.filter(pk=flagged.pk).exists()
    event = Event.objects.get(type="partition.detached")
    assert (event.subject_id, event.data["rows"], event.data["kept"]) == (f"{PART}_left", 4, 3)
    assert detach() == []
    assert tasks.retain() == 0


@pytest.mark.parametrize("table", [f"{PART}_left", PART, "agents_decision"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_detach__done__both_tables_only_grow(world, table, statement):
    old(decided(world, serving.UNSURE_INPUT))
    assert detach()
    run("SET CONSTRAINTS ALL IMMEDIATE")

    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        run(statement.format(table))


def test_detach__done__the_months_key_is_free_again_and_old_ids_still_come_in(world):
    old(decided(world), key="free")
    detach()

    again = old(decided(world), key="free")

    assert answers.find_by_key(again.agent_id, "free") == again
    assert where(again) == PART


@pytest.mark.django_db(transaction=True)
def test_detach__while_others_decide_and_people_answer__nothing_lost_and_nobody_left_without_the_decision(settings):
    settings.DECISION_RETENTION_DAYS = 365
    world = serving.world()
    run("SELECT agents_decision_month(%s)", OLD)
    flagged = [old(decided(world, serving.UNSURE_INPUT)) for _ in range(10)]
    plain = [old(decided(world)) for _ in range(10)]
    made: list[UUID] = []
    stop, faults = threading.Event(), []

    def deciding_on() -> None:
        try:
            while not stop.is_set():
                made.append(decided(world).pk)
        except Exception as fault:  # noqa: BLE001 - any of them fails the test
            faults.append(fault)
        finally:
            connection.close()

    def answering() -> None:
        try:
            for one in flagged:
                resolutions.resolve(decision_id=one.pk, output={"action": "approve"}, source="review", by=actors.SYSTEM)
        except Exception as fault:  # noqa: BLE001 - any of them fails the test
            faults.append(fault)
        finally:
            connection.close()

    threads = [threading.Thread(target=deciding_on), threading.Thread(target=answering)]
    for thread in threads:
        thread.start()
    try:
        left = detach()
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    try:
        assert not faults
        assert left == [retention.Left(f"{PART}_left", 20, 10)]
        assert set(made) <= set(Decision.objects.values_list("pk", flat=True))
        assert Decision.objects.filter(resolution__isnull=False).count() == 10
        assert not Decision.objects.filter(pk__in=[one.pk for one in plain]).exists()
    finally:
        run(f"DROP TABLE IF EXISTS {PART}_left, {PART}, {PART}_kept CASCADE")


@pytest.mark.django_db(transaction=True)
def test_detach__somebody_holds_the_table__gives_up_soon_and_the_next_turn_does_it(settings):
    settings.DECISION_RETENTION_DAYS, settings.RETENTION_LOCK_SECONDS = 365, 0.05
    world = serving.world()
    run("SELECT agents_decision_month(%s)", OLD)
    row = old(decided(world))
    reading, done = threading.Event(), threading.Event()

    def read_for_long() -> None:
        with transaction.atomic():
            Decision.objects.count()
            reading.set()
            done.wait(10)
        connection.close()

    thread = threading.Thread(target=read_for_long)
    thread.start()
    reading.wait(10)
    try:
        assert detach() == []
        assert where(row) == PART
    finally:
        done.set()
        thread.join()
    try:
        assert [left.rows for left in detach()] == [1]
    finally:
        run(f"DROP TABLE IF EXISTS {PART}_left, {PART}, {PART}_kept CASCADE")


def test_detach__feature_history__later_moments_get_what_they_got_before(db, settings):
    settings.FEATURE_RETENTION_DAYS = 365
    world = serving.world()
    view = feeding.view(world.agent)
    run("SELECT agents_featurevalue_month(%s)", OLD)
    late = datetime(2024, 3, 20, tzinfo=UTC)
    moments = [OLD + timedelta(days=step) for step in (0, 2, 4)]
    for entity, event_time, came in [
        ("a", moments[0], moments[0]),
        ("a", moments[1], moments[1]),
        ("a", moments[2], late),
        ("b", moments[0], moments[0]),
    ]:
        run(
            'INSERT INTO agents_featurevalue (version_id, entity, event_time, digest, "values", ingested_at, ingested_by)'
            " VALUES (%s, %s, %s, 'd', %s, %s, 'test')",
            view.id, entity, event_time, '{"n": 1}', came,
        )  # fmt: skip
    asked = [(entity, moment) for entity in "ab" for moment in (datetime(2024, 3, 1, tzinfo=UTC), late, clock.now())]
    before = reading.as_of(view.id, asked)
    run("SET CONSTRAINTS ALL IMMEDIATE")

    assert detach() == [retention.Left("agents_featurevalue_202402_left", 4, 3)]

    assert reading.as_of(view.id, asked) == before


def test_migration__back_and_forth__every_row_is_there_with_its_guards(db):
    world = serving.world()
    kept = [decided(world).pk, decided(world, serving.UNSURE_INPUT).pk, old(decided(world), key="k").pk]
    run("SET CONSTRAINTS ALL IMMEDIATE")

    call_command("migrate", "agents", "0011_webhook_due", verbosity=0)
    assert run("SELECT relkind::text FROM pg_class WHERE oid = 'agents_decision'::regclass") == [("r",)]
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        run("DELETE FROM agents_decision")
    call_command("migrate", verbosity=0)

    assert {row.pk for row in Decision.objects.all()} >= set(kept)
    assert where(Decision.objects.get(pk=kept[2])) == PART
    assert DecisionKey.objects.get(key="k").decision_id == kept[2]
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        run("DELETE FROM agents_decision")

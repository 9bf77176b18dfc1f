"""Keeping the words that search finds by, and the searches that people keep."""

from collections.abc import Iterable
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.db.models import Exists, OuterRef, Q

from agents.contracts import fields
from agents.contracts.spec import ContractSpec
from agents.selectors import contracts, facts
from corrections.models import Correction, SavedView, SearchText, Task
from corrections.rules import searching
from reviewapp.core import clock, events, ids
from reviewapp.core.accounts import actors
from reviewapp.core.accounts.models import User
from reviewapp.core.errors import Invalid, Missing

events.external("view.saved", "view.changed", "view.deleted", "search.exported", "search.export_finished")

# What lies beyond in one case is found by nothing else of it either way.
_MOST_WORDS = 4_000
_LONGEST_WORD = 100
_MOST_VIEWS = 50
_FOUND_BY = ("public", "internal")
_KEEP = """
    INSERT INTO corrections_searchtext (id, kind, agent_id, words) VALUES (%s, %s, %s, to_tsvector('simple', %s))
    ON CONFLICT (id) DO NOTHING
"""


def keep_case(decision: facts.Facts, spec: ContractSpec) -> None:
    """Keep the words by which a flagged decision is found: its reference and the texts of fields that are neither personal nor
    sensitive; idempotent, in the caller's transaction.
    """
    texts = [decision.case_ref]
    for info in fields.describe(spec.input_schema):
        if info.sensitivity in _FOUND_BY:
            texts.extend(_texts(fields.at(decision.input, info.path)))
    _keep(decision.id, SearchText.Kind.CASE, decision.agent_id, texts)


def keep_correction(*, correction_id: UUID) -> None:
    """Keep the words of a correction's justification with its reason code, once it can no longer be undone; idempotent."""
    found = Correction.objects.filter(pk=correction_id, undone__isnull=True)
    row = found.values_list("task__queue__agent_id", "reason_code", "justification").first()
    if row is not None:
        _keep(correction_id, SearchText.Kind.CORRECTION, row[0], row[1:])


@transaction.atomic
def catch_up(*, limit: int = 500) -> int:
    """Keep the words of cases and corrections that have none yet, newest first; return how many. Run until it returns 0, it
    makes the whole index again from nothing.
    """
    cases = Task.objects.filter(
        ~Exists(SearchText.objects.filter(pk=OuterRef("decision_id"))), seat=1, round=1, kind=Task.Kind.REVIEW
    )
    decisions = facts.of_decisions(cases.order_by("-pk").values_list("decision_id", flat=True)[:limit])
    for decision in decisions.values():
        keep_case(decision, contracts.by_id(decision.contract_id).spec)
    said = Correction.objects.filter(
        Q(held_until__isnull=True) | Q(held_until__lte=clock.now()),
        ~Exists(SearchText.objects.filter(pk=OuterRef("pk"))),
        undone__isnull=True,
    )
    missing = list(said.order_by("-pk").values_list("pk", flat=True)[:limit])
    for one in missing:
        keep_correction(correction_id=one)
    return len(decisions) + len(missing)


@transaction.atomic
def save_view(*, name: str, kind: str, query: str, shared: bool = False, by: User) -> SavedView:
    """Keep a search under a name; one of this name of the same person is replaced. Raises `Invalid` by field."""
    faults: dict[str, str] = {}
    words = name.strip()
    if not words or len(words) > 80 or "\x00" in words:
        faults["name"] = "Give the view a name of up to 80 characters."
    try:
        searching.read(kind, query)
    except searching.QueryFault as fault:
        faults["query"] = str(fault)
    held = SavedView.objects.filter(owner=by)
    if held.exclude(name=words).count() >= _MOST_VIEWS:
        faults["name"] = f"You keep {_MOST_VIEWS} views already. Delete one first."
    if faults:
        raise Invalid("The view was not saved.", fields=faults)
    view, _ = SavedView.objects.update_or_create(
        owner=by,
        name=words,
        defaults={"kind": kind, "query": query.strip(), "shared": shared, "saved_at": clock.now()},
    )
    events.record(
        "view.saved",
        subject=("view", str(view.pk)),
        actor=actors.of(by),
        data={"name": words, "kind": kind, "shared": shared},
    )
    return view


@transaction.atomic
def change_view(*, view_id: UUID, name: str | None = None, shared: bool | None = None, by: User) -> SavedView:
    """Rename one's own view, or say whether others see it. Raises `Missing`, and `Invalid` naming the field."""
    view = SavedView.objects.select_for_update().filter(pk=view_id, owner=by).first()
    if view is None:
        raise Missing("This view does not exist, or is not yours.")
    words = view.name if name is None else name.strip()
    if not words or len(words) > 80 or "\x00" in words:
        raise Invalid("The view was not changed.", fields={"name": "Give the view a name of up to 80 characters."})
    view.name, view.shared = words, view.shared if shared is None else shared
    try:
        with transaction.atomic():
            view.save(update_fields=["name", "shared"])
    except IntegrityError:
        raise Invalid("The view was not changed.", fields={"name": "You have a view of this name."}) from None
    events.record(
        "view.changed",
        subject=("view", str(view.pk)),
        actor=actors.of(by),
        data={"name": view.name, "shared": view.shared},
    )
    return view


@transaction.atomic
def delete_view(*, view_id: UUID, by: User) -> None:
    """Delete one's own view. Raises `Missing`."""
    view = SavedView.objects.filter(pk=view_id, owner=by).first()
    if view is None:
        raise Missing("This view does not exist, or is not yours.")
    events.record(
        "view.deleted", subject=("view", str(view.pk)), actor=actors.of(by), data={"name": view.name, "kind": view.kind}
    )
    view.delete()


@transaction.atomic
def export_began(*, asked: searching.Query, form: str, by: User) -> UUID:
    """Put on record that a person takes what a search finds out of here, before the first row leaves; return its id.

    Words and references may name a person: of those only how many there were.
    """
    export = ids.uuid7()
    days = {"since": asked.since, "until": asked.until}
    events.record(
        "search.exported",
        subject=("export", str(export)),
        actor=actors.of(by),
        data={
            "kind": asked.kind,
            "format": form,
            "fields": {
                **{name: value for name, value in asked.fields.items() if name != "ref"},
                **{name: str(day) for name, day in days.items() if day},
            },
            "words": len(asked.words) + len(asked.phrases) + ("ref" in asked.fields),
        },
    )
    return export


@transaction.atomic
def export_ended(*, export: UUID, rows: int, complete: bool, by: User) -> None:
    """Put on record how many rows left, and whether those were all."""
    events.record(
        "search.export_finished",
        subject=("export", str(export)),
        actor=actors.of(by),
        data={"rows": rows, "complete": complete},
    )


def _texts(value: object) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)


def _keep(key: UUID, kind: str, agent_id: UUID, texts: Iterable[str]) -> None:
    words = [word[:_LONGEST_WORD] for text in texts for word in searching.words_of(text)][:_MOST_WORDS]
    with connection.cursor() as cursor:
        cursor.execute(_KEEP, [key, str(kind), agent_id, " ".join(words)])

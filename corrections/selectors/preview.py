"""What a correction would change if it stood as a learned exception: recent decisions, decided again."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from agents.contracts import fields
from agents.contracts.fields import FieldInfo
from agents.contracts.spec import ContractSpec
from agents.selectors import contracts, replaying
from corrections.models import Escalation
from corrections.rules import reach
from corrections.selectors import sealed, shown
from reviewapp.core.accounts import access
from reviewapp.core.accounts.models import User
from reviewapp.core.errors import Missing

DAYS = 30
# About a quarter of a second of work for a policy of twenty fields: bounded, however busy the agent is.
MOST = 500


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read the correction: in which fields cases are alike, how many are, how many answers would be others.

    Of those, people settled `agreed` as the correction proposes and `against` in another way.
    """

    title: str
    alike_in: list[str]
    alike: int
    turned: int
    agreed: int
    against: int


@dataclass(frozen=True, slots=True)
class Preview:
    """The readings, narrowest first, with what they rest on; `fault` says why there are none."""

    escalation_id: UUID
    case_ref: str
    proposed: str
    version: int | None
    days: int
    replayed: int
    unreadable: int
    bounded: bool
    readings: list[Reading]
    fault: str


def of_escalation(escalation_id: UUID, user: User, *, now: datetime) -> Preview:
    """Replay the newest `MOST` decisions of the last `DAYS` days with the escalated correction as an exception.

    Raises `Missing` for an escalation the person may not know of, `NotAllowed` while its case is sealed for them.
    """
    found = Escalation.objects.select_related("agent", "correction__decision").filter(pk=escalation_id).first()
    if found is None or not access.can(user, "agents.view_agent", found.agent):
        raise Missing("This escalation does not exist.")
    sealed.require_open(user, found.correction.decision_id)
    decision, output = found.correction.decision, found.correction.output
    spec = contracts.by_id(decision.contract_id).spec
    closed = [one for one in fields.describe(spec.input_schema) if _closed(one)]
    own = _marks(closed, decision.input)
    members = _members(spec, decision.output or {}, output or {})
    fault, replay = "", None
    if output is None:
        fault = "The correction proposes no answer that a policy could give."
    elif not own:
        fault = "The case has no field of fixed choices, so nothing says which other cases are like it."
    else:
        since = now - timedelta(days=DAYS)
        replay = replaying.with_exception(
            found.agent_id, output, members=members, since=since, apart_from=decision.pk, limit=MOST
        )
        fault = replay.fault
    return Preview(
        escalation_id=found.pk,
        case_ref=decision.case_ref,
        proposed=shown.outcome(spec, output),
        version=replay.version if replay else None,
        days=DAYS,
        replayed=sum(row.turned is not None for row in replay.rows) if replay else 0,
        unreadable=sum(row.turned is None for row in replay.rows) if replay else 0,
        bounded=replay.more if replay else False,
        readings=_readings(replay, own, closed, {name: output.get(name) for name in members})
        if replay and output and not fault
        else [],
        fault=fault,
    )


def _closed(field: FieldInfo) -> bool:
    # Sensitive fields may part people into groups nobody chose to look at, and their values are not shown to reviewers.
    words = field.choices and all(isinstance(one, str) for one in field.choices)
    return bool(words or field.kind == "boolean") and field.sensitivity != "sensitive"


def _members(spec: ContractSpec, before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    # Another action is another answer, whatever amounts go with it; an amount counts where it alone was corrected.
    changed = sorted(name for name in after if before.get(name) != after[name])
    return [spec.action_field] if spec.action_field in changed or not changed else changed


def _marks(closed: list[FieldInfo], document: Mapping[str, Any]) -> dict[str, str | bool]:
    found = ((field.path, fields.at(document, field.path)) for field in closed)
    return {path: value for path, value in found if isinstance(value, str | bool)}


def _readings(
    replay: replaying.Replay,
    own: dict[str, str | bool],
    closed: list[FieldInfo],
    wanted: Mapping[str, Any],
) -> list[Reading]:
    cases, turned = [_marks(closed, row.input) for row in replay.rows], [row.turned for row in replay.rows]
    narrow, wide = reach.narrow(own, cases, turned), reach.wide(own, cases, turned)
    read = [("Read narrowly", narrow)]
    if wide is not None and wide.fields != narrow.fields:
        read.append(("Read as widely as can be learned", wide))
    by_path = {field.path: field for field in closed}
    made = []
    for title, segment in read:
        people = replaying.settled([replay.rows[place].id for place in segment.turned])
        agreed = sum({name: answer.get(name) for name in wanted} == wanted for answer in people)
        made.append(
            Reading(
                title=title,
                alike_in=[f"{by_path[path].title}: {by_path[path].show(own[path])}" for path in segment.fields],
                alike=len(segment.alike),
                turned=len(segment.turned),
                agreed=agreed,
                against=len(people) - agreed,
            )
        )
    return made

"""Building a version: asked for by a person or by enough new verdicts, run by the learning worker.

A run is made of steps that each commit. A worker that dies leaves a build that any other can take up: what was frozen
or stored is found again under its digest, never made twice.
"""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F, Q

from policies.models import Build, LearningSettings, PolicyVersion
from policies.selectors import sources
from policies.selectors.sources import AgentRef
from policies.services import evaluations, recipe, sealing
from reviewapp.core import clock, events
from reviewapp.core.accounts import access, actors
from reviewapp.core.accounts.models import User
from reviewapp.core.errors import Conflict, DomainError, Invalid, Missing

State = Build.State

# A running build that shows no sign of life for this long is taken up again; the slowest step takes seconds.
STALE_AFTER = timedelta(seconds=90)
_MOST_ATTEMPTS = 4


@transaction.atomic
def request(*, agent_id: UUID, reason: str, by: User | None) -> Build:
    """Ask for a new version of an agent; `by` is None when the scheduler asks.

    Raises `NotAllowed`, `Missing`, `Invalid` (the agent does not learn yet), `Conflict` when a build is under way.
    """
    agent = sources.agent(agent_id)
    if by is not None:
        access.require(by, "agents.build_policy", sources.guarded(agent_id))
    if not LearningSettings.objects.filter(agent_id=agent_id).exists():
        raise Invalid("Configure how this agent learns first.", fields={"agent": "It has no learning settings."})
    try:
        with transaction.atomic():
            build = Build.objects.create(
                agent_id=agent_id, requested_by=by, reason=reason, progress="Waiting for the learner"
            )
    except IntegrityError:
        raise Conflict("A build of this agent is under way already.", code="build_open") from None
    events.record(
        "build.requested",
        subject=("build", str(build.pk)),
        actor=actors.of(by) if by else actors.SYSTEM,
        scope=agent.slug,
        data={"reason": reason},
    )
    return build


def run(*, build_id: UUID) -> Build:
    """Carry a build to its end and return it; a build that is finished, or in another worker's hands, stays as it is.

    Failures of the domain (too little to learn from, a rule that does not compile) end the build as failed, with the
    reason. Anything else propagates: the sweep takes the build up again, a few times.
    """
    build = _claim(build_id, clock.now())
    if build is None:
        return _load(build_id)
    agent = sources.agent(build.agent_id)
    try:
        _carry_out(build, agent)
    except DomainError as fault:
        _fail(build, agent, fault.detail)
    return _load(build_id)


def stale(now: datetime) -> list[UUID]:
    """Return the builds a worker should take up: queued for a while, or running without a sign of life."""
    waiting = Q(state=State.QUEUED, touched_at__lt=now - timedelta(seconds=10))
    silent = Q(state=State.RUNNING, touched_at__lt=now - STALE_AFTER)
    return list(Build.objects.filter(waiting | silent).values_list("pk", flat=True))


def consider(*, agent_id: UUID) -> Build | None:
    """Ask for a build when the agent builds by itself and enough new verdicts are usable; return it, if any."""
    settings = LearningSettings.objects.filter(agent_id=agent_id, auto_build=True).first()
    if settings is None or not PolicyVersion.objects.filter(agent_id=agent_id).exists():
        return None
    fresh = sources.new_settled(agent_id)
    if fresh < settings.min_new_consensus or Build.objects.filter(agent_id=agent_id, state__in=Build.OPEN).exists():
        return None
    try:
        return request(agent_id=agent_id, reason=f"{fresh} newly settled decisions", by=None)
    except Conflict:
        return None


def _claim(build_id: UUID, now: datetime) -> Build | None:
    """Take the build if nobody has it; its row count decides between two workers."""
    free = Q(state=State.QUEUED) | Q(state=State.RUNNING, touched_at__lt=now - STALE_AFTER)
    with transaction.atomic():
        taken = Build.objects.filter(free, pk=build_id).update(
            state=State.RUNNING, attempts=F("attempts") + 1, started_at=now, touched_at=now, progress="Collecting cases"
        )
        if not taken:
            return None
        build = _load(build_id)
        agent = sources.agent(build.agent_id)
        events.record(
            "build.started",
            subject=("build", str(build_id)),
            actor=actors.SYSTEM,
            scope=agent.slug,
            data={"attempt": build.attempts},
        )
    if build.attempts > _MOST_ATTEMPTS:
        _fail(
            build, agent, f"The learner died {_MOST_ATTEMPTS} times on this build. Read its log, then ask for another."
        )
        return None
    return build


def _carry_out(build: Build, agent: AgentRef) -> None:
    made = build.version or _make(build, agent)
    if made is None:
        _finish(build, agent, State.NOTHING_NEW, None)
        return
    _progress(build, "Evaluating on cases it never saw")
    evaluations.evaluate(version_id=made.pk)
    _finish(build, agent, State.SUCCEEDED, made)


def _make(build: Build, agent: AgentRef) -> PolicyVersion | None:
    """Freeze, learn and store; return the new version, or None when it would be one that exists already."""
    settings = LearningSettings.objects.get(agent_id=agent.id)
    contract = sources.contract(agent.id)
    parent = sources.parent(agent.id)
    if parent is None:
        raise Invalid("This agent has no first version to build upon.", code="no_base")
    version, policy = parent
    snapshot, _ = sealing.freeze(agent, contract, settings, by=actors.SYSTEM)
    _progress(build, f"Learning from {snapshot.rows} cases", snapshot=snapshot)
    made_by = recipe.name(settings, policy.body)
    if PolicyVersion.objects.filter(agent_id=agent.id, snapshot=snapshot, recipe=made_by).exists():
        return None
    baked = recipe.bake(snapshot, contract, settings, parent=parent)
    if baked.policy.digest == policy.digest:
        return None
    with transaction.atomic():
        made = sealing.store(
            agent,
            baked,
            settings,
            origin=PolicyVersion.Origin.LEARNED,
            snapshot=snapshot,
            parent=version,
            by=build.requested_by,
        )
        # With the version, so that a worker that dies here is followed by one that finds it.
        _progress(build, "Stored", version=made)
    return made


def _progress(build: Build, words: str, **fields: object) -> None:
    Build.objects.filter(pk=build.pk, state=State.RUNNING).update(progress=words, touched_at=clock.now(), **fields)


def _finish(build: Build, agent: AgentRef, state: str, made: PolicyVersion | None) -> None:
    words = "Nothing new to learn" if made is None else f"Version {made.number}"
    _close(
        build,
        agent,
        state,
        "build.finished",
        progress=words,
        data={"state": state, "version": str(made.pk) if made else ""},
    )


def _fail(build: Build, agent: AgentRef, error: str) -> None:
    _close(build, agent, State.FAILED, "build.failed", progress="", error=error, data={"error": error})


@transaction.atomic
def _close(
    build: Build, agent: AgentRef, state: str, kind: str, *, progress: str, data: dict[str, str], error: str = ""
) -> None:
    now = clock.now()
    closed = Build.objects.filter(pk=build.pk, state=State.RUNNING).update(
        state=state, progress=progress, error=error, finished_at=now, touched_at=now
    )
    if closed:
        events.record(kind, subject=("build", str(build.pk)), actor=actors.SYSTEM, scope=agent.slug, data=data)


def _load(build_id: UUID) -> Build:
    found = Build.objects.select_related("version", "requested_by").filter(pk=build_id).first()
    if found is None:
        raise Missing("There is no such build.")
    return found

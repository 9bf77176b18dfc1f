"""Telling people of versions and releases: who may approve, what was decided, what became of what they said."""

from collections import Counter
from uuid import UUID

from corrections.models import Consensus, Correction
from policies.models import PolicyVersion, Release
from reviewapp.core.accounts import access
from reviewapp.core.events.models import Event
from reviewapp.core.notices.services import telling

_VERSION = {"version.approved": "was approved", "version.rejected": "was rejected", "version.returned": "was sent back"}
_RELEASE = {"release.paused": "was paused", "release.rolled_back": "was rolled back"}
_AT_ONCE = 500


def version_submitted(*, event: Event) -> int:
    """Tell everybody who may approve a version, except who submitted it; return how many."""
    version = _version(event)
    people = set(access.holders("agents.approve_policy", version.agent).values_list("pk", flat=True))
    return telling.tell(
        event_id=event.id,
        topic="approval",
        people=people - {version.submitted_by_id or 0},
        title=f"Version {version.number} of {version.agent.name} waits for an approval",
        text="Read what changed and how it did on cases it never saw, then approve or reject it.",
        path=f"/versions/{version.pk}/",
        scope=event.scope,
    )


def version_decided(*, event: Event) -> int:
    """Tell who submitted a version what was decided, and put aside what told others that it waits; return how many were told.

    Who withdraws a version knows.
    """
    version = _version(event)
    telling.settle(topic="approval", path=f"/versions/{version.pk}/")
    if version.submitted_by_id is None or event.type not in _VERSION:
        return 0
    return telling.tell(
        event_id=event.id,
        topic="version",
        people=[version.submitted_by_id],
        title=f"Version {version.number} of {version.agent.name} {_VERSION[event.type]}",
        path=f"/versions/{version.pk}/",
        scope=event.scope,
    )


def release_stopped(*, event: Event) -> int:
    """Tell those who release and operate an agent that a release was paused or rolled back; return how many."""
    release = Release.objects.select_related("version", "agent").get(pk=event.subject_id)
    people: set[int] = set()
    for right in ("agents.release_policy", "agents.operate_agent"):
        people |= set(access.holders(right, release.agent).values_list("pk", flat=True))
    if event.actor_kind == "person" and event.actor_id.isdigit():
        # Who did it knows.
        people.discard(int(event.actor_id))
    by = "A person did it" if event.actor_kind == "person" else "A guard did it"
    return telling.tell(
        event_id=event.id,
        topic="release",
        people=people,
        title=f"The release of version {release.version.number} of {release.agent.name} {_RELEASE[event.type]}",
        text=f"{by}; the reason and the readings are on the page of the rollout.",
        path=f"/versions/{release.version_id}/rollout/",
        scope=event.scope,
    )


def release_live(*, event: Event) -> int:
    """Tell authors whose corrections are new in a version that it decides all traffic now; return how many were told.

    New is what became consensus after the replaced version's snapshot was frozen; a roll-back teaches nothing new.
    """
    release = Release.objects.select_related("version__snapshot", "replaces__snapshot", "agent").get(
        pk=event.subject_id
    )
    snapshot = release.version.snapshot
    if release.kind == Release.Kind.ROLLBACK or snapshot is None:
        return 0
    learned = Consensus.objects.filter(
        agent_id=release.agent_id, authoritative=True, state=Consensus.State.USABLE, formed_at__lte=snapshot.cutoff
    )
    if release.replaces is not None and release.replaces.snapshot is not None:
        learned = learned.filter(formed_at__gt=release.replaces.snapshot.cutoff)
    told = 0
    authors: Counter[int] = Counter()
    named: list[UUID] = [one for row in learned.values_list("corrections", flat=True) for one in row]
    for at in range(0, len(named), _AT_ONCE):
        of = Correction.objects.filter(pk__in=named[at : at + _AT_ONCE])
        authors.update(of.values_list("author_id", flat=True))
    # Those with as many corrections hear the same words: one turn for each number.
    for count in sorted(set(authors.values())):
        yours = f"{count} corrections of yours are" if count > 1 else "A correction of yours is"
        told += telling.tell(
            event_id=event.id,
            topic="learned",
            people=[author for author, number in authors.items() if number == count],
            title=f"Version {release.version.number} of {release.agent.name} decides now, and learned from you",
            text=f"{yours} among what it learned from for the first time.",
            path=f"/versions/{release.version_id}/",
            scope=event.scope,
        )
    return told


def _version(event: Event) -> PolicyVersion:
    return PolicyVersion.objects.select_related("agent").get(pk=event.subject_id)

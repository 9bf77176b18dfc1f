"""Telling people of corrections: who may decide now, and what was decided."""

from uuid import UUID

from corrections.models import Certificate, Correction, Escalation, Handover, Queue, Task
from corrections.selectors import rights
from reviewapp.core.accounts import access
from reviewapp.core.events.models import Event
from reviewapp.core.notices.services import telling

_DECIDED = {
    "approved": (
        "A correction of yours was approved",
        "It counts from now on, and what agents learn next learns from it.",
    ),
    "rejected": (
        "A correction of yours was rejected",
        "It does not count. The rationale is on the page of the decision.",
    ),
    "returned": (
        "A correction of yours was sent back",
        "The case waits for you again, with a note and all that you entered.",
    ),
}


def escalation_raised(*, event: Event) -> int:
    """Tell everybody who may decide an escalation, except who judged its case, its author first; return how many."""
    found = Escalation.objects.select_related("agent", "correction").filter(pk=event.data["escalation"]).first()
    if found is None:
        return 0
    people = set(access.holders("agents.decide_escalation", found.agent).values_list("pk", flat=True))
    judged = set(Correction.objects.filter(decision_id=found.correction.decision_id).values_list("author", flat=True))
    return telling.tell(
        event_id=event.id,
        topic="escalation",
        people=people - judged,
        title=f"A correction in {found.agent.name} waits for a second person",
        text="It met a risk rule of the contract, so it counts only when somebody else approves it.",
        path=f"/escalations/{found.pk}/",
        scope=event.scope,
    )


def escalation_decided(*, event: Event) -> int:
    """Tell the author what was decided, and put aside what told others that it waits; return how many were told."""
    telling.settle(topic="escalation", path=f"/escalations/{UUID(str(event.data['escalation']))}/")
    correction = Correction.objects.select_related("task").filter(pk=event.data["correction"]).first()
    if correction is None or event.data["verdict"] not in _DECIDED:
        return 0
    title, text = _DECIDED[event.data["verdict"]]
    return telling.tell(
        event_id=event.id,
        topic="returned",
        people=[correction.author_id],
        title=title,
        text=text,
        path=f"/escalations/{UUID(str(event.data['escalation']))}/",
        scope=event.scope,
    )


def handed_over(*, event: Event) -> int:
    """Tell the person who was handed a case; return how many were told. What the giver wrote stands on the case only."""
    found = Handover.objects.select_related("handed_by").filter(pk=event.data["handover"]).first()
    if found is None:
        return 0
    begun = "What they had entered is there; the judgement is yours." if found.copied else "The judgement is yours."
    return telling.tell(
        event_id=event.id,
        topic="handover",
        people=[found.receiver_id],
        title=f"{found.handed_by.display_name} handed you a case",
        text=f"It is held for you, and goes back to the queue when you leave it. {begun}",
        path=f"/tasks/{found.task_id}/",
        scope=event.scope,
    )


def deadline(*, event: Event) -> int:
    """Tell of cases whose deadline comes near or is missed: holders of theirs, everybody else in the queue of the rest.

    What the queue's people were told before and have not read is put aside: they get one notice for a queue, not a heap.
    """
    queue = Queue.objects.select_related("agent").filter(pk=event.subject_id).first()
    if queue is None:
        return 0
    missed = event.data["moment"] == "breach"
    ends = "has missed its deadline" if missed else "comes near its deadline"
    end = "have missed their deadlines" if missed else "come near their deadlines"
    tasks = Task.objects.filter(pk__in=event.data["tasks"], state=Task.State.OPEN)
    held = dict(tasks.filter(lease_holder__isnull=False).values_list("lease_holder", "pk"))
    count = 0
    for person, task_id in held.items():
        count += telling.tell(
            event_id=event.id,
            topic="deadline",
            people=[person],
            title=f"A case that you hold {ends}",
            text="Finish it, hand it to a colleague, or put it back so that somebody else can.",
            path=f"/tasks/{task_id}/",
            scope=event.scope,
        )
    free = tasks.filter(lease_holder__isnull=True).count()
    if not free:
        return count
    path = f"/queues/{queue.pk}/"
    telling.settle(topic="deadline", path=path)
    people = set(access.holders(rights.NEEDED[Queue.Kind(queue.kind)], queue.agent).values_list("pk", flat=True))
    return count + telling.tell(
        event_id=event.id,
        topic="deadline",
        people=people - set(held),
        title=f"A case in {queue.name} {ends}" if free == 1 else f"{free} cases in {queue.name} {end}",
        text="Nobody is working on it yet." if free == 1 else "Nobody is working on them yet.",
        path=path,
        scope=event.scope,
    )


def certificate_ending(*, event: Event) -> int:
    """Tell the holder of a certificate, and who renews it, that it ends soon; return how many were told."""
    found = Certificate.objects.select_related("skill__agent", "person").filter(pk=event.data["certificate"]).first()
    if found is None:
        return 0
    agent, until = found.skill.agent, f"{found.valid_until:%-d %B %Y}"
    keepers = {
        person
        for perm in ("agents.release_policy", "agents.operate_agent")
        for person in access.holders(perm, agent).values_list("pk", flat=True)
    }
    told = telling.tell(
        event_id=event.id,
        topic="certificate",
        people=[found.person_id],
        title=f"Your certificate in {found.skill.name} ends on {until}",
        text="After that the queues that need it give you no more cases. Policy admins and operators renew it.",
        path="/skills/",
        scope=event.scope,
    )
    return told + telling.tell(
        event_id=event.id,
        topic="certificate",
        people=keepers - {found.person_id},
        title=f"{found.person.display_name}'s certificate in {found.skill.name} ends on {until}",
        text="Renew it, or let it end: then they are given no more cases of the queues that need it.",
        path="/skills/",
        scope=event.scope,
    )

"""The lineage of a decision: what it came from, what was said, which versions learned from it, and that the record holds."""

import pytest
from django.db import connection
from django.test import Client

from agents.selectors import contracts
from corrections.models import Consensus, Queue, Task
from corrections.selectors import judgements
from corrections.services import recalling
from policies.models import PolicyVersion
from policies.selectors import became
from reviewapp.core.accounts.models import User
from reviewapp.core.events.models import Event
from tests.factories import learning as make
from tests.factories.feedback import flagged, hand_on, room, submit
from tests.factories.serving import person

pytestmark = pytest.mark.django_db


def of(key: object) -> str:
    return f"/decisions/{key}/lineage/"


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_lineage__learned_decision__leads_from_input_to_the_versions_that_hold_it(pages):
    settled = Consensus.objects.filter(agent_id=pages.school.agent_id).earliest("formed_at")
    page = pages.get(pages.reader, of(settled.decision_id)).text
    for words in ("input value", "Contract 1", "Settled:", "Version 2", "The first to learn from it", "Record holds"):
        assert words in page
    assert pages.path(2) in page
    assert "The newest that did" not in page
    pages.rebuilt()
    again = pages.get(pages.reader, of(settled.decision_id)).text
    assert "The newest that did" in again
    assert pages.path(3) in again


def test_lineage__settled_after_the_snapshot__was_learned_by_nobody_yet(pages):
    late = make.settle(pages.school, 200, 1)[0]
    page = pages.get(pages.reader, of(late.pk)).text
    assert "No version has learned from it yet" in page
    assert "n-5-1" not in page


def test_lineage__decision_page__links_to_it(pages):
    settled = Consensus.objects.filter(agent_id=pages.school.agent_id).earliest("formed_at")
    assert of(settled.decision_id) in pages.get(pages.reader, f"/decisions/{settled.decision_id}/").text


def test_lineage__others__get_what_they_should(pages):
    settled = Consensus.objects.filter(agent_id=pages.school.agent_id).earliest("formed_at")
    assert pages.get(pages.outsider, of(settled.decision_id)).status_code == 404
    assert pages.get(pages.reader, of("01a208fb-6682-7368-9c4f-3aeb8bd0a10e")).status_code == 404
    assert pages.get(None, of(settled.decision_id)).status_code == 302
    assert pages.post(pages.reader, of(settled.decision_id)).status_code == 405


def test_lineage__who_may_still_judge__is_not_told_what_colleagues_said():
    made = room(seats=2, slug="alone")
    decision = flagged(made)
    one, _ = Task.objects.filter(decision=decision).order_by("seat")
    submit(one, person("ada", "reviewer"), justification="Bo must not read these very words before judging it.")
    page = browser(person("bo", "reviewer")).get(of(decision.pk)).text
    assert "these very words" not in page
    assert "Who said what is told once it is settled" in page
    whole = browser(person("eva", "auditor")).get(of(decision.pk)).text
    assert "these very words" in whole
    assert "Correct: " in whole


def test_lineage__blind_case__is_not_shown_to_who_shall_judge_it():
    made = room(slug="alone")
    Queue.objects.filter(pk=made.standard.pk).update(blind_percent=100)
    decision = flagged(made)
    assert browser(person("bo", "reviewer")).get(of(decision.pk)).status_code == 403
    assert browser(person("eva", "auditor")).get(of(decision.pk)).status_code == 200


def test_lineage__changed_event__is_told():
    decision = flagged(room(slug="alone"))
    hand_on()
    with connection.cursor() as cursor:
        # As somebody with the rights of the database's owner could.
        cursor.execute("ALTER TABLE events_event DISABLE TRIGGER USER")
        cursor.execute(
            "UPDATE events_event SET data = '{}' WHERE id = %s",
            [Event.objects.filter(subject_id=str(decision.pk)).earliest("id").pk],
        )
        cursor.execute("ALTER TABLE events_event ENABLE TRIGGER USER")
    page = browser(person("eva", "auditor")).get(of(decision.pk)).text
    assert "Record does not hold" in page
    assert "1 of " in page


def test_became__learned_decision__tells_weight_side_and_what_the_version_changed(pages):
    sides = set()
    for settled in Consensus.objects.filter(agent_id=pages.school.agent_id).order_by("formed_at")[:30]:
        page = pages.get(pages.reader, of(settled.decision_id)).text
        told = page.partition('id="became"')[2].partition("</section>")[0]
        assert f"{settled.confidence:.2f}" in told
        assert "Version 2 answers:" in told
        sides |= {side for side in ("used for training", "held out to test") if side in told}
        if len(sides) == 2:
            break
    assert sides == {"used for training", "held out to test"}
    version = PolicyVersion.objects.get(agent_id=pages.school.agent_id, number=2)
    measured = version.evaluations.latest("pk")
    paired = measured.metrics["paired"]["changed"]
    changed = sum(count for was, is_, count in paired if was != is_)
    assert f"{changed} of {measured.n}</a>" in page
    assert f"/versions/{version.pk}/evaluation/" in page


def test_became__not_learned_yet__says_from_when_it_counts(pages):
    late = make.settle(pages.school, 200, 1)[0]
    page = pages.get(pages.reader, of(late.pk)).text
    assert "from the next training snapshot on" in page
    assert "This case now" not in page


def test_became__own_judgement__is_among_those_that_carry_it_until_it_is_recalled():
    made = room(seats=2, slug="alone")
    decision = flagged(made)
    ada, bo = person("ada", "reviewer"), person("bo", "reviewer")
    said = []
    for task, who in zip(Task.objects.filter(decision=decision).order_by("seat"), (ada, bo), strict=True):
        said.append(submit(task, who).correction_id)
        hand_on()
    page = browser(ada).get(of(decision.pk)).text
    assert "2 judgements, yours among them" in page
    assert "otherwise than the agent" in page
    recalling.recall(correction_id=said[0], reason="Misread.", by=ada)
    hand_on()
    again = browser(ada).get(of(decision.pk)).text
    assert "1 judgement; you recalled yours" in again


def test_became__not_settled__is_left_out():
    decision = flagged(room(seats=2, slug="alone"))
    ada = person("ada", "reviewer")
    submit(Task.objects.filter(decision=decision).order_by("seat")[0], ada)
    hand_on()
    assert 'id="became"' not in browser(ada).get(of(decision.pk)).text


def test_became__case_that_a_later_contract_would_refuse__is_not_answered_again(pages):
    settled = Consensus.objects.filter(agent_id=pages.school.agent_id).earliest("formed_at")
    row = settled.decision
    held = became.learned(row.agent_id, row.pk)
    row.input = {}
    found = became.of_decision(
        row, contracts.by_id(row.contract_id).spec, judgements.of_decision(row.pk, pages.reader), held
    )
    assert found is not None
    assert (found.now_by, found.now, found.use in {"train", "test"}) == (None, "", True)

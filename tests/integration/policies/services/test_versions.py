"""From reference cases to an approved version: second person, failed gates, changed evidence."""

import pytest
from django.db import IntegrityError, connection, transaction

from policies.models import Evaluation, PolicyVersion
from policies.services import evaluations, versions
from policies.services import settings as learning
from reviewapp.core.accounts import actors
from reviewapp.core.errors import Conflict, Invalid, NotAllowed
from reviewapp.core.events.models import Event
from tests.factories import learning as make
from tests.factories import serving

pytestmark = pytest.mark.django_db


@pytest.fixture
def school():
    return make.school()


@pytest.fixture
def version(school):
    found = versions.seal_base(agent_id=school.agent_id, body=make.WRITTEN, by=school.builder)
    evaluations.evaluate(version_id=found.pk)
    found.refresh_from_db()
    return found


def test_seal_base__reference_cases__first_version_with_notes_and_events(school, version):
    assert (version.number, version.origin, version.state) == (1, "base", "evaluated")
    assert version.notes["summary"] == "First version, learned from 60 reference cases"
    kinds = set(Event.objects.filter(scope="lending").values_list("type", flat=True))
    assert {"snapshot.frozen", "artifact.stored", "version.built", "version.evaluated"} <= kinds


def test_seal_base__rule_that_does_not_compile__refused_with_its_place(school):
    rule = {"id": "R-1", "when": "input.height > 2", "action": "review"}

    with pytest.raises(Invalid) as caught:
        versions.seal_base(agent_id=school.agent_id, body={**make.WRITTEN, "guardrails": [rule]}, by=school.builder)

    assert "guardrails[0].when" in caught.value.fields


def test_seal_base__second_time__refused(school, version):
    with pytest.raises(Conflict):
        versions.seal_base(agent_id=school.agent_id, body=make.WRITTEN, by=school.builder)


def test_seal_base__no_right__refused(school):
    with pytest.raises(NotAllowed):
        versions.seal_base(agent_id=school.agent_id, body=make.WRITTEN, by=serving.person("ann", "reviewer"))


def test_seal_base__too_few_cases__says_so():
    small = make.school(slug="small", train=1)

    with pytest.raises(Invalid, match="too little to learn from"):
        versions.seal_base(agent_id=small.agent_id, body=make.WRITTEN, by=small.builder)


def test_evaluate__first_version__absolute_gates_on_evaluation_cases_only(version):
    found = version.evaluations.get()

    assert found.n == 160
    assert found.baseline is None
    assert [gate["code"] for gate in found.gates] == ["error", "alone", "confidence", "faults"]
    assert found.metrics["now"]["error"]["value"] < 0.3


def test_evaluate__again__same_evidence(version):
    one = evaluations.evaluate(version_id=version.pk)
    two = evaluations.evaluate(version_id=version.pk)

    assert one.pk == two.pk
    assert Evaluation.objects.count() == 1


def test_submit_and_decide__second_person__approved_with_bound_evidence(school, version):
    make.approve(school, version)

    version.refresh_from_db()
    assert version.state == "approved"
    assert version.approval.binding == versions.binding(version, version.evaluations.get())


def test_decide__same_person__refused(school, version):
    versions.submit(version_id=version.pk, plan=None, by=school.builder)

    with pytest.raises(NotAllowed, match="four-eyes"):
        versions.decide(version_id=version.pk, verdict="approved", rationale="Mine.", by=school.builder)


def test_decide__builder_decides_on_what_another_submitted__refused(school, version):
    versions.submit(version_id=version.pk, plan=None, by=school.officer)

    with pytest.raises(NotAllowed, match="had this version built"):
        versions.decide(version_id=version.pk, verdict="approved", rationale="Mine.", by=school.builder)


def test_decide__evaluated_again_after_submission__refused_until_read_again(school, version):
    versions.submit(version_id=version.pk, plan=None, by=school.builder)
    learning.configure(agent_id=school.agent_id, gates={"max_error": 0.45}, by=actors.SYSTEM)
    evaluations.evaluate(version_id=version.pk)

    with pytest.raises(Conflict) as caught:
        versions.decide(version_id=version.pk, verdict="approved", rationale="Read.", by=school.officer)

    assert caught.value.code == "binding_changed"


def test_submit__failed_gate__nobody_is_asked(school, version):
    learning.configure(agent_id=school.agent_id, gates={"max_error": 0.001}, by=actors.SYSTEM)
    evaluations.evaluate(version_id=version.pk)

    with pytest.raises(Conflict) as caught:
        versions.submit(version_id=version.pk, plan=None, by=school.builder)

    assert caught.value.code == "gate_failed"
    assert caught.value.extra["gates"] == ["Error of the first version"]


def test_decide__inconclusive_gate_without_a_reason__refused(school, version):
    learning.configure(agent_id=school.agent_id, gates={"min_n": 5000}, by=actors.SYSTEM)
    evaluations.evaluate(version_id=version.pk)
    versions.submit(version_id=version.pk, plan=None, by=school.builder)

    with pytest.raises(Invalid) as caught:
        versions.decide(version_id=version.pk, verdict="approved", rationale=" ", by=school.officer)
    versions.decide(version_id=version.pk, verdict="approved", rationale="Few cases, small stage.", by=school.officer)

    assert "rationale" in caught.value.fields
    event = Event.objects.get(type="version.approved")
    assert "error" in event.data["accepted"]


@pytest.mark.parametrize(("verdict", "state"), [("rejected", "rejected"), ("returned", "evaluated")])
def test_decide__refusal__moves_and_keeps_the_reason(school, version, verdict, state):
    versions.submit(version_id=version.pk, plan=None, by=school.builder)

    versions.decide(version_id=version.pk, verdict=verdict, rationale="Too wide a step.", by=school.officer)

    version.refresh_from_db()
    assert (version.state, version.approval.rationale) == (state, "Too wide a step.")


def test_submit__faulty_plan__names_the_place(school, version):
    with pytest.raises(Invalid) as caught:
        versions.submit(version_id=version.pk, plan=[{"share_bp": 0}], by=school.builder)

    assert "plan.0.share_bp" in caught.value.fields


def test_submit__twice__refused(school, version):
    versions.submit(version_id=version.pk, plan=None, by=school.builder)

    with pytest.raises(Conflict):
        versions.submit(version_id=version.pk, plan=None, by=school.builder)


def test_withdraw__own_submission__back_to_evaluated(school, version):
    versions.submit(version_id=version.pk, plan=None, by=school.builder)

    versions.withdraw(version_id=version.pk, rationale="Wrong plan.", by=school.builder)

    version.refresh_from_db()
    assert version.state == "evaluated"


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE policies_policyversion SET number = 9",
        "UPDATE policies_policyversion SET state = 'live'",
        "UPDATE policies_evaluation SET verdict = 'pass'",
        "DELETE FROM policies_policyversion",
        "UPDATE policies_snapshot SET rows = 1",
        "TRUNCATE policies_referencecase CASCADE",
    ],
)
def test_database__raw_change_of_what_was_sealed__refused(version, change):
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change)

    assert PolicyVersion.objects.get().number == 1

"""Reference cases: checked against the contract, kept once, never changed."""

import pytest

from policies.models import ReferenceCase
from policies.services import reference
from reviewapp.core.accounts import actors
from reviewapp.core.errors import Invalid
from tests.factories import learning as make
from tests.factories import serving

pytestmark = pytest.mark.django_db


@pytest.fixture
def add():
    agent_id = serving.world().agent.pk

    def call(cases, role="train", source="Made for tests"):
        return reference.add_cases(agent_id=agent_id, role=role, cases=cases, source=source, by=actors.SYSTEM)

    return call


def test_add_cases__new__kept_with_label_and_source(add):
    assert add([make.case(1), make.case(2)]) == 2

    row = ReferenceCase.objects.first()
    assert (row.label, row.source, row.role) == (make.truth(1), "Made for tests", "train")


def test_add_cases__known_ones__kept_once_in_their_role(add):
    add([make.case(1)])

    assert add([make.case(1), make.case(2), make.case(2)], role="evaluate") == 1
    assert sorted(ReferenceCase.objects.values_list("role", flat=True)) == ["evaluate", "train"]


@pytest.mark.parametrize(
    ("case", "path"),
    [
        ({"input": {"purpose": "car", "duration": 6}, "output": {"action": "approve"}}, "cases[1].input.amount"),
        ({"input": make.inputs(1), "output": {"action": "maybe"}}, "cases[1].output.action"),
        ({"input": make.inputs(1)}, "cases[1].output"),
    ],
)
def test_add_cases__one_does_not_fit__names_it_and_adds_none(add, case, path):
    with pytest.raises(Invalid) as caught:
        add([make.case(5), case])

    assert list(caught.value.fields) == [path]
    assert not ReferenceCase.objects.exists()


@pytest.mark.parametrize(("given", "path"), [({"role": "both"}, "role"), ({"source": " "}, "source")])
def test_add_cases__no_role_or_source__refused(add, given, path):
    with pytest.raises(Invalid) as caught:
        add([make.case(1)], **given)

    assert path in caught.value.fields


def test_add_cases__proposing_agent__needs_the_proposal():
    agent_id = serving.world(slug="helper", mode="propose").agent.pk
    case = make.case(1)

    with pytest.raises(Invalid) as caught:
        reference.add_cases(agent_id=agent_id, role="train", cases=[case], source="Tests", by=actors.SYSTEM)
    proposed = {**case, "proposal": {"output": case["output"], "confidence": 0.8}}
    added = reference.add_cases(agent_id=agent_id, role="train", cases=[proposed], source="Tests", by=actors.SYSTEM)

    assert next(iter(caught.value.fields)).startswith("cases[0].proposal")
    assert added == 1

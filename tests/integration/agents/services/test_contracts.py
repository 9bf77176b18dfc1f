"""Publishing contracts."""

from uuid import uuid4

import pytest

from agents.models import Contract
from agents.selectors import contracts as selector
from agents.services import contracts
from reviewapp.core.accounts import actors
from reviewapp.core.errors import Invalid, Missing
from reviewapp.core.events.models import Event
from tests.factories import serving
from tests.factories.agents import contract_body

pytestmark = pytest.mark.django_db


def test_publish__next_version__gets_its_number_and_keeps_the_digest_through_the_database() -> None:
    world = serving.world()
    body = contract_body(title="Small loans, revised")
    del body["version"]
    contract = contracts.publish(agent_id=world.agent.pk, body=body, by=actors.SYSTEM)
    assert contract.version == 2
    assert selector.by_id(contract.pk).spec.digest == contract.digest
    assert Event.objects.filter(type="contract.published", subject_id=str(contract.pk)).count() == 1


def test_publish__field_order__survives_jsonb() -> None:
    world = serving.world()
    names = [field.name for field in selector.by_id(world.contract.pk).spec.input.fields]
    assert names == ["purpose", "duration", "amount", "savings", "employed", "age", "note", "tags"]


def test_publish__the_same_again__changes_nothing() -> None:
    world = serving.world()
    again = contracts.publish(agent_id=world.agent.pk, body=contract_body(), by=actors.SYSTEM)
    assert again.pk == world.contract.pk
    assert Contract.objects.filter(agent=world.agent).count() == 1


def test_publish__rule_of_the_wrong_type__is_refused_by_path() -> None:
    world = serving.world()
    body = contract_body(
        version=2, review_rules=[{"id": "A", "when": "input.amount > 5", "action": "review", "text": "x"}]
    )
    with pytest.raises(Invalid) as caught:
        contracts.publish(agent_id=world.agent.pk, body=body, by=actors.SYSTEM)
    assert "Write 24.0" in caught.value.fields["review_rules[0].when"]


def test_publish__for_another_agent_mode_or_number__is_refused() -> None:
    world = serving.world()
    body = contract_body(agent="other", mode="propose", version=7)
    with pytest.raises(Invalid) as caught:
        contracts.publish(agent_id=world.agent.pk, body=body, by=actors.SYSTEM)
    assert set(caught.value.fields) == {"agent", "mode", "version"}


def test_publish__unknown_agent__is_missing() -> None:
    with pytest.raises(Missing):
        contracts.publish(agent_id=uuid4(), body=contract_body(), by=actors.SYSTEM)

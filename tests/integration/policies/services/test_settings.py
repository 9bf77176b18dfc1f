"""How an agent learns: defaults, changes, refusals with their place."""

import uuid

import pytest

from policies.models import LearningSettings
from policies.services import builds, recipe
from policies.services import settings as learning
from reviewapp.core.accounts import actors
from reviewapp.core.errors import Invalid, Missing
from reviewapp.core.events.models import Event
from tests.factories import learning as make
from tests.factories import serving

pytestmark = pytest.mark.django_db


@pytest.fixture
def agent_id():
    return serving.world().agent.pk


def test_configure__first_time__fills_in_the_defaults(agent_id):
    row = learning.configure(agent_id=agent_id, by=actors.SYSTEM)

    assert (row.learner, row.auto_build, row.holdout_share_bp) == ({"kind": "scorecard"}, False, 1000)
    assert row.gates["error_margin"] == 0.05
    assert row.default_plan[0]["share_bp"] == 1000


def test_configure__one_thing__keeps_the_rest_and_tells_it(agent_id):
    learning.configure(agent_id=agent_id, seed=5, by=actors.SYSTEM)

    row = learning.configure(agent_id=agent_id, auto_build=True, by=actors.SYSTEM)

    assert (row.seed, row.auto_build) == (5, True)
    assert Event.objects.filter(type="learning.configured").latest("id").data == {"changed": ["auto_build"]}


def test_configure__nothing_changes__no_event(agent_id):
    learning.configure(agent_id=agent_id, seed=5, by=actors.SYSTEM)
    learning.configure(agent_id=agent_id, seed=5, by=actors.SYSTEM)

    assert Event.objects.filter(type="learning.configured").count() == 1


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ({"learner": {"kind": "oracle"}}, "learner.kind"),
        ({"exceptions": {"on": 1}}, "exceptions.on"),
        ({"guards": {"alpha": 2}}, "guards.alpha"),
        ({"gates": {"margin": 1}}, "gates"),
        ({"default_plan": [{"share_bp": 0}]}, "plan.0.share_bp"),
        ({"min_new_consensus": 0}, "min_new_consensus"),
        ({"holdout_share_bp": 9000}, "holdout_share_bp"),
    ],
)
def test_configure__wrong__names_the_place_and_changes_nothing(agent_id, given, path):
    with pytest.raises(Invalid) as caught:
        learning.configure(agent_id=agent_id, **given, by=actors.SYSTEM)

    assert path in caught.value.fields
    assert not LearningSettings.objects.exists()


def test_configure__unknown_agent__missing():
    with pytest.raises(Missing):
        learning.configure(agent_id=uuid.uuid4(), by=actors.SYSTEM)


def test_name__settings_changed__another_recipe_so_a_build_is_not_nothing_new():
    school = make.school()
    make.base(school)
    make.settle(school, 0, 40)
    make.built(school)
    learning.configure(agent_id=school.agent_id, learner={**make.LEARNER, "bins": 3}, by=actors.SYSTEM)

    build = builds.run(build_id=builds.request(agent_id=school.agent_id, reason="Other bins", by=school.builder).pk)

    assert (build.state, build.version.number) == ("succeeded", 3)
    assert build.version.recipe == recipe.name(LearningSettings.objects.get(), _serving_body(school))


def _serving_body(school):
    parent = recipe.PolicyVersion.objects.get(agent_id=school.agent_id, number=1)
    return make.evaluations.sources.policy(parent.artifact_id).body

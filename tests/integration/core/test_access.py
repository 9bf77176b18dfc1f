"""Who may do what: the matrix of roles, held by one function for pages, API and services."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError, transaction

from agents.models import Agent
from reviewapp.core.accounts import access, actors, roles, services
from reviewapp.core.accounts.models import Role, RoleGrant, User
from reviewapp.core.errors import Missing, NotAllowed
from reviewapp.core.events.models import Event
from tests.factories import serving

pytestmark = pytest.mark.django_db

# The matrix as people read it; the roles in the code must say exactly this.
MATRIX = {
    "reviewer": {"view_agent", "review_task"},
    "senior_reviewer": {"view_agent", "review_task", "adjudicate_task"},
    "risk_officer": {"view_agent", "decide_escalation", "approve_policy"},
    "policy_admin": {"view_agent", "build_policy", "approve_policy", "release_policy"},
    "auditor": {"view_agent", "audit_agent"},
    "agent_developer": {"view_agent", "develop_agent"},
    "operator": {"view_agent", "operate_agent"},
}
PERMISSIONS = sorted(set().union(*MATRIX.values()))


@pytest.fixture
def agent():
    return serving.world(live=False).agent


@pytest.fixture
def other():
    return serving.world(slug="other", live=False).agent


def _held(user: User, on: Agent | None) -> set[str]:
    fresh = User.objects.get(pk=user.pk)
    return {codename for codename in PERMISSIONS if access.can(fresh, f"agents.{codename}", on)}


def test_roles__code__says_what_the_matrix_says():
    assert {spec.code: set(spec.permissions) for spec in roles.ROLES} == MATRIX


def test_roles__database__holds_them_after_migration():
    assert {role.code: set(role.permissions) for role in Role.objects.all()} == MATRIX


def test_permissions__every_one_exists_on_the_agent():
    assert set(PERMISSIONS) <= serving.permissions()


@pytest.mark.parametrize("role", sorted(MATRIX))
def test_can__role_for_one_agent__there_and_nowhere_else(role, agent, other):
    user = serving.person("pat", role, agent=agent)

    assert _held(user, agent) == MATRIX[role]
    assert _held(user, other) == set()
    assert _held(user, None) == set()


@pytest.mark.parametrize("role", sorted(MATRIX))
def test_can__role_for_all_agents__everywhere(role, agent, other):
    user = serving.person("pat", role)

    assert _held(user, agent) == _held(user, other) == _held(user, None) == MATRIX[role]


def test_can__superuser_without_roles__nothing(agent):
    user = serving.person("root")
    User.objects.filter(pk=user.pk).update(is_superuser=True, is_staff=True)

    assert _held(user, agent) == set()
    assert not access.visible_to(User.objects.get(pk=user.pk), "agents.view_agent", Agent.objects.all()).exists()


def test_can__inactive_or_anonymous__nothing(agent):
    user = serving.person("pat", "auditor", agent=agent)
    User.objects.filter(pk=user.pk).update(is_active=False)

    assert _held(user, agent) == set()
    assert not access.can(AnonymousUser(), "agents.view_agent", agent)
    assert not access.visible_to(AnonymousUser(), "agents.view_agent", Agent.objects.all()).exists()


def test_require__missing_right__says_which_in_words(agent):
    with pytest.raises(NotAllowed, match="build policy versions of this agent") as fault:
        access.require(serving.person("pat", "auditor", agent=agent), "agents.build_policy", agent)

    assert fault.value.extra == {"permission": "agents.build_policy"}


def test_visible_to__one_agent_or_all__exactly_those(agent, other):
    bound, everywhere = serving.person("pat", "reviewer", agent=agent), serving.person("max", "reviewer")

    assert set(access.visible_to(bound, "agents.view_agent", Agent.objects.all())) == {agent}
    assert set(access.visible_to(everywhere, "agents.view_agent", Agent.objects.all())) == {agent, other}
    assert not access.visible_to(bound, "agents.build_policy", Agent.objects.all()).exists()
    assert access.can_for_any(bound, "agents.view_agent")
    assert not access.can_for_any(bound, "agents.build_policy")


def test_can_by_key__any_grant__says_the_same_as_can(agent, other):
    bound, everywhere = serving.person("pat", "reviewer", agent=agent), serving.person("max", "reviewer")
    gone = serving.person("eve", "reviewer")
    gone.is_active = False

    for user in (bound, everywhere, gone, AnonymousUser()):
        for on in (agent, other):
            for perm in ("agents.view_agent", "agents.build_policy"):
                assert access.can_by_key(user, perm, on.pk) == access.can(user, perm, on)


def test_holders__by_agent_and_everywhere__active_people_once(agent, other):
    serving.person("zoe", "policy_admin", "risk_officer", agent=agent)
    serving.person("max", "policy_admin")
    serving.person("elsewhere", "policy_admin", agent=other)
    gone = serving.person("gone", "policy_admin", agent=agent)
    User.objects.filter(pk=gone.pk).update(is_active=False)

    assert [user.username for user in access.holders("agents.approve_policy", agent)] == ["max", "zoe"]


def test_grant_role__twice__one_grant_one_event(agent):
    user = serving.person("pat", "reviewer", agent=agent)

    services.grant_role(user=user, role="reviewer", agent=agent, by=actors.SYSTEM)

    assert RoleGrant.objects.filter(user=user).count() == 1
    assert Event.objects.filter(type="role.granted", subject_id=str(user.pk)).count() == 1


def test_grant_role__unknown__missing(agent):
    with pytest.raises(Missing):
        services.grant_role(user=serving.person("pat"), role="emperor", agent=agent, by=actors.SYSTEM)


def test_grant__same_role_for_all_agents_twice__database_refuses():
    user = serving.person("pat", "reviewer")
    grant = RoleGrant.objects.get(user=user)

    with pytest.raises(IntegrityError, match="grant_once"), transaction.atomic():
        RoleGrant.objects.create(
            user=user, role=grant.role, agent_id=None, granted_at=grant.granted_at, granted_by_id="1"
        )


def test_withdraw_role__shared_permission__stays_with_the_other_role(agent):
    user = serving.person("pat", "reviewer", "policy_admin", agent=agent)

    services.withdraw_role(user=user, role="policy_admin", agent=agent, by=actors.SYSTEM)

    assert _held(user, agent) == MATRIX["reviewer"]
    assert Event.objects.filter(type="role.withdrawn").count() == 1


def test_withdraw_role__for_all_agents__gone_everywhere(agent):
    user = serving.person("pat", "operator")

    services.withdraw_role(user=user, role="operator", model=Agent, by=actors.SYSTEM)
    services.withdraw_role(user=user, role="operator", model=Agent, by=actors.SYSTEM)

    assert _held(user, agent) == set()
    assert Event.objects.filter(type="role.withdrawn").count() == 1

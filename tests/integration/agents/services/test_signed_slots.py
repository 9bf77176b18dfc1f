"""What slots sign: renewed in time, taken back, and signed by another key."""

import secrets
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction

from agents import tasks
from agents.models import Artifact, ArtifactSignature, ChannelStatement, Revocation, Slot
from agents.runtime.artifact import ArtifactError
from agents.runtime.signing import Signer
from agents.selectors import trust
from agents.services import artifacts, rekeying, revocations, signing, slots
from agents.serving.slots import Cache
from reviewapp.core import clock
from reviewapp.core.accounts import actors
from reviewapp.core.errors import Conflict, Invalid, Missing, Unavailable
from reviewapp.core.events.models import Event
from reviewapp.ops import prepare
from tests.factories import serving

pytestmark = pytest.mark.django_db


def said(world: serving.World) -> Any:
    row = trust.newest(world.agent.pk)
    assert row is not None
    return trust.read(row)


def unsigned() -> None:
    """Bring the installation to where it was before anything was signed."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("DELETE FROM agents_channelstatement")
        cursor.execute("DELETE FROM agents_artifactsignature")
        cursor.execute("SET LOCAL session_replication_role = origin")


def test_store__signs_once() -> None:
    world = serving.world()
    assert world.artifact is not None
    again = artifacts.store(
        agent_id=world.agent.pk, body=trust.policy(world.artifact.pk, "lending").body, by=actors.SYSTEM
    )
    (signature,) = ArtifactSignature.objects.filter(artifact=again)
    assert signature.key_id == signing.signer().key_id


def test_switch__each_time__signs_what_the_slot_says() -> None:
    world = serving.world()
    newer = serving.store(world.agent, guidance="newer")
    slot = slots.switch(
        agent_id=world.agent.pk,
        stable=(world.artifact.pk, 1),
        canary=(newer.pk, 2),
        canary_share=500,
        salt="s",
        by=actors.SYSTEM,
    )
    statement = said(world)
    assert (statement.agent, statement.serial, statement.salt) == ("lending", slot.serial, "s")
    assert [one.digest for one in statement.pointers] == [world.artifact.pk, newer.pk]
    assert (statement.canary_share, statement.revoked) == (500, ())
    assert statement.not_after - statement.issued_at == timedelta(hours=24)
    assert ChannelStatement.objects.count() == 2


def test_switch__without_the_private_key__is_refused(settings: Any) -> None:
    world = serving.world()
    settings.SIGNING_KEY = ""
    with pytest.raises(Unavailable, match="no signing key"):
        slots.switch(agent_id=world.agent.pk, stable=None, by=actors.SYSTEM)


def test_switch__policy_nobody_signed__is_refused() -> None:
    world = serving.world()
    unsigned()
    with pytest.raises(Invalid) as caught:
        slots.switch(agent_id=world.agent.pk, stable=(world.artifact.pk, 2), by=actors.SYSTEM)
    assert "not signed" in caught.value.fields["stable"]


def test_renew_due__half_of_the_time_over__says_the_same_for_longer() -> None:
    world, fresh = serving.world(), serving.world(slug="fresh")
    before = said(world)
    with time_machine.travel(clock.now() + timedelta(hours=11)):
        assert slots.renew_due(by=actors.SYSTEM) == 0
        slots.switch(agent_id=fresh.agent.pk, stable=(fresh.artifact.pk, 2), by=actors.SYSTEM)
    with time_machine.travel(clock.now() + timedelta(hours=13)):
        assert tasks.renew_slots() == 1
        assert tasks.renew_slots() == 0
    after = said(world)
    assert (after.serial, after.stable, after.salt) == (before.serial + 1, before.stable, before.salt)
    assert after.not_after > before.not_after
    slot = Slot.objects.get(pk=world.agent.pk)
    assert (slot.serial, slot.changed_at) == (after.serial, before.issued_at)
    assert Event.objects.filter(type="slot.renewed").count() == 1


def test_renew__slot_row_changed_behind_it__repeats_what_was_signed() -> None:
    world = serving.world()
    newer = serving.store(world.agent, guidance="newer")
    Slot.objects.filter(pk=world.agent.pk).update(serial=1 + 1, stable=newer, stable_version=9)
    with pytest.raises(ArtifactError, match="the slot is at 2"):
        slots.renew(agent_id=world.agent.pk, by=actors.SYSTEM)
    assert said(world).stable.version == 1


def test_renew__no_slot__is_missing() -> None:
    world = serving.world(live=False)
    with pytest.raises(Missing):
        slots.renew(agent_id=world.agent.pk, by=actors.SYSTEM)


def test_serving__not_renewed__contract_answers_until_it_is(caplog: Any) -> None:
    world, cache = serving.world(), Cache()
    with time_machine.travel(clock.now(), tick=False) as time:
        assert cache.get("lending").stable.version == 1
        time.shift(timedelta(hours=24, seconds=1))
        for _ in range(3):
            live = cache.get("lending")
            assert (live.stable, live.canary, live.contract.version) == (None, None, 1)
        assert "ran out" in cache.faults()["lending"]
        assert len([record for record in caplog.records if record.levelname == "ERROR"]) == 1
        slots.renew_due(by=actors.SYSTEM)
        assert cache.get("lending").stable.version == 1
        assert cache.faults() == {}
    assert said(world).serial == 2


def test_revoke__canary__leaves_the_stable_one() -> None:
    world = serving.world()
    newer = serving.store(world.agent, guidance="newer")
    slots.switch(
        agent_id=world.agent.pk, stable=(world.artifact.pk, 1), canary=(newer.pk, 2), canary_share=500, by=actors.SYSTEM
    )
    row = revocations.revoke(digest=newer.pk, reason=" Wrong data. ", by=actors.SYSTEM)
    assert (row.reason, revocations.revoke(digest=newer.pk, reason="Again.", by=actors.SYSTEM).reason) == (
        "Wrong data.",
        "Wrong data.",
    )
    statement = said(world)
    assert (statement.stable.version, statement.canary, statement.canary_share) == (1, None, 0)
    assert statement.revoked == (newer.pk,)
    assert Event.objects.filter(type="artifact.revoked").count() == 1


def test_revoke__stable__serves_nothing_and_never_again() -> None:
    world = serving.world()
    revocations.revoke(digest=world.artifact.pk, reason="Wrong data.", by=actors.SYSTEM)
    assert said(world).pointers == ()
    with pytest.raises(Invalid) as caught:
        slots.switch(agent_id=world.agent.pk, stable=(world.artifact.pk, 1), by=actors.SYSTEM)
    assert "revoked" in caught.value.fields["stable"]


def test_revoke__statement_that_nobody_trusts__serves_nothing(settings: Any) -> None:
    world = serving.world()
    newer = serving.store(world.agent, guidance="newer")
    stranger = secrets.token_urlsafe(32)
    settings.SIGNING_KEY, settings.TRUSTED_KEYS = stranger, [Signer(stranger).public]
    revocations.revoke(digest=newer.pk, reason="Wrong data.", by=actors.SYSTEM)
    assert said(world).pointers == ()


def test_revoke__no_reason_or_no_such_policy__is_refused() -> None:
    world = serving.world()
    with pytest.raises(Invalid) as caught:
        revocations.revoke(digest=world.artifact.pk, reason=" ", by=actors.SYSTEM)
    assert set(caught.value.fields) == {"reason"}
    with pytest.raises(Missing):
        revocations.revoke(digest="sha256:none", reason="Why", by=actors.SYSTEM)


def test_revoke__agent_that_serves_nothing__is_kept_for_its_first_statement() -> None:
    world = serving.world(live=False)
    revocations.revoke(digest=world.artifact.pk, reason="Wrong data.", by=actors.SYSTEM)
    slots.switch(agent_id=world.agent.pk, stable=None, by=actors.SYSTEM)
    assert said(world).revoked == (world.artifact.pk,)


def test_sign_again__new_key__signs_what_was_trusted_and_nothing_else(settings: Any) -> None:
    world, stripped = serving.world(), serving.world(slug="stripped")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("DELETE FROM agents_artifactsignature WHERE artifact_id = %s", [stripped.artifact.pk])
        cursor.execute("DELETE FROM agents_channelstatement WHERE agent_id = %s", [stripped.agent.pk])
        cursor.execute("SET LOCAL session_replication_role = origin")
    seed = secrets.token_urlsafe(32)
    fresh = Signer(seed)
    settings.TRUSTED_KEYS = [*settings.TRUSTED_KEYS, fresh.public]
    settings.SIGNING_KEY = seed
    assert rekeying.sign_again(by=actors.SYSTEM) == 2
    assert rekeying.sign_again(by=actors.SYSTEM) == 1, "the policy is signed; the slot says it once more"
    keys = ArtifactSignature.objects.values_list("artifact_id", "key_id")
    assert sorted({key for digest, key in keys if digest == world.artifact.pk}) == sorted(trust.keys().key_ids)
    assert not ArtifactSignature.objects.filter(artifact=stripped.artifact).exists()


def test_prepare__installation_from_before__is_signed_once() -> None:
    serving.world()
    assert prepare.sign() is False
    unsigned()
    assert Cache().get("lending").stable is None
    assert prepare.sign() is True
    assert Cache().get("lending").stable.version == 1
    assert prepare.sign() is False
    with pytest.raises(Conflict):
        rekeying.adopt(by=actors.SYSTEM)


def test_database__statement_that_never_runs_out_or_unsaid_reason__is_refused() -> None:
    world = serving.world()
    now = clock.now()
    for wrong in (
        lambda: ChannelStatement.objects.create(agent=world.agent, serial=9, envelope={}, issued_at=now, not_after=now),
        lambda: ChannelStatement.objects.create(
            agent=world.agent, serial=1, envelope={}, issued_at=now, not_after=now + timedelta(hours=1)
        ),
        lambda: Revocation.objects.create(
            artifact=Artifact.objects.get(), reason="", revoked_at=now, revoked_by="x", revoked_by_label="x"
        ),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            wrong()


def test_policy__of_another_agent__is_not_this_ones() -> None:
    world, other = serving.world(), serving.world(slug="other")
    with pytest.raises(ArtifactError, match="made for other"):
        trust.policy(other.artifact.pk, world.agent.slug)

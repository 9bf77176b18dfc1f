"""Somebody who can write to the database, triggers or not, but holds no signing key: what a process serves stays good.

Each attack ends with a slot whose serial rose, so that every process looks. What is refused is the same each time: the
last good policy answers, it is said once, and a process that starts in the middle serves nothing, by contract.
"""

import base64
import json
import secrets
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.test import Client

from agents.models import ChannelStatement, Decision
from agents.runtime import channel
from agents.runtime.channel import Pointer
from agents.runtime.signing import CHANNEL_TYPE, POLICY_TYPE, Envelope, Signature, Signer
from agents.selectors import trust
from agents.services import rekeying, revocations, signing
from agents.services import slots as service
from agents.serving.slots import Cache
from reviewapp.core import clock
from reviewapp.core.accounts import actors
from tests.factories import serving
from tests.factories.serving import GOOD_INPUT
from tests.faults.scene import Scene, scene, tamper

__all__ = ["scene"]

pytestmark = [pytest.mark.django_db, pytest.mark.in_process]


def stranger() -> Signer:
    return Signer(secrets.token_urlsafe(32))


def bare_signature(content: bytes) -> Signature:
    """Sign the bytes alone with the installation's key, as a scheme without the type in the signature would."""
    seed = settings.SIGNING_KEY + "=" * (-len(settings.SIGNING_KEY) % 4)
    key = Ed25519PrivateKey.from_private_bytes(base64.b64decode(seed, altchars=b"-_"))
    return Signature(signing.signer().key_id, key.sign(content))


def strip_signature(scene: Scene) -> None:
    scene.forge(replace(signing.signer().sign(CHANNEL_TYPE, scene.next().content()), signatures=()))


def withhold_statement(scene: Scene) -> None:
    tamper("UPDATE agents_slot SET serial = serial + 1, stable_version = 9 WHERE agent_id = %s", scene.world.agent.pk)


def statement_cut_short(scene: Scene) -> None:
    whole = signing.signer().sign(CHANNEL_TYPE, scene.next(stable=Pointer(scene.newer.pk, 9)).content())
    scene.forge(replace(whole, payload=whole.payload[:-1]))


def signature_cut_short(scene: Scene) -> None:
    whole = signing.signer().sign(CHANNEL_TYPE, scene.next(stable=Pointer(scene.newer.pk, 9)).content())
    scene.forge(replace(whole, signatures=tuple(replace(one, value=one.value[:-1]) for one in whole.signatures)))


def no_envelope(scene: Scene) -> None:
    scene.forge(scene.envelope)
    tamper("UPDATE agents_channelstatement SET envelope = '{}' WHERE agent_id = %s", scene.world.agent.pk)


def swap_statement_of_another_agent(scene: Scene) -> None:
    row = trust.newest(scene.other.agent.pk)
    assert row is not None
    scene.forge(Envelope.from_json(row.envelope))


def swap_artifact_of_another_agent(scene: Scene) -> None:
    said = scene.next(stable=Pointer(scene.other.artifact.pk, 9))
    scene.forge(signing.signer().sign(CHANNEL_TYPE, said.content()))


def replay_older_statement(scene: Scene) -> None:
    first = ChannelStatement.objects.get(agent=scene.world.agent, serial=1)
    scene.forge(Envelope.from_json(first.envelope))


def turn_everything_back(scene: Scene) -> None:
    tamper("DELETE FROM agents_channelstatement WHERE agent_id = %s AND serial > 1", scene.world.agent.pk)
    tamper("UPDATE agents_slot SET serial = 1, stable_version = 1 WHERE agent_id = %s", scene.world.agent.pk)


def expired(scene: Scene) -> None:
    past = scene.next(not_after=clock.now() - timedelta(seconds=1))
    scene.forge(signing.signer().sign(CHANNEL_TYPE, past.content()))


def wrong_key(scene: Scene) -> None:
    scene.forge(stranger().sign(CHANNEL_TYPE, scene.next().content()))


def wrong_key_with_our_name(scene: Scene) -> None:
    theirs = stranger().sign(CHANNEL_TYPE, scene.next().content())
    ours = Signature(signing.signer().key_id, theirs.signatures[0].value)
    scene.forge(replace(theirs, signatures=(ours,)))


def wrong_type(scene: Scene) -> None:
    scene.forge(signing.signer().sign(POLICY_TYPE, scene.next().content()))


def wrong_type_renamed(scene: Scene) -> None:
    scene.forge(replace(signing.signer().sign(POLICY_TYPE, scene.next().content()), payload_type=CHANNEL_TYPE))


def signed_without_its_type(scene: Scene) -> None:
    said = scene.next().content()
    scene.forge(Envelope(CHANNEL_TYPE, said, (bare_signature(said),)))


def unknown_format(scene: Scene) -> None:
    older = scene.next().content().replace(b"countersign.channel/1", b"countersign.channel/0")
    scene.forge(signing.signer().sign(CHANNEL_TYPE, older))


def swap_policy_of_another_agent_under_its_own_name(scene: Scene) -> None:
    said = scene.next(agent="other", stable=Pointer(scene.other.artifact.pk, 9))
    scene.forge(signing.signer().sign(CHANNEL_TYPE, said.content()))


def policy_signed_without_its_type(scene: Scene) -> None:
    scene.publish_newer()
    value = bare_signature(bytes(scene.newer.body)).value
    tamper("UPDATE agents_artifactsignature SET value = %s WHERE artifact_id = %s", value, scene.newer.pk)


def policy_cut_short(scene: Scene) -> None:
    scene.publish_newer()
    tamper("UPDATE agents_artifact SET body = %s WHERE digest = %s", bytes(scene.newer.body)[:-1], scene.newer.pk)


def tampered_statement(scene: Scene) -> None:
    real = signing.signer().sign(CHANNEL_TYPE, scene.next().content())
    scene.forge(replace(real, payload=scene.next(stable=Pointer(scene.newer.pk, 9)).content()))


def revoked(scene: Scene) -> None:
    said = scene.next(stable=Pointer(scene.newer.pk, 9), revoked=(scene.newer.pk,))
    scene.forge(signing.signer().sign(CHANNEL_TYPE, said.content()))


def tampered_policy(scene: Scene) -> None:
    scene.publish_newer()
    body = bytes(scene.newer.body).replace(b"newer", b"never")
    tamper("UPDATE agents_artifact SET body = %s WHERE digest = %s", body, scene.newer.pk)


def policy_of_another_agent_in_its_place(scene: Scene) -> None:
    scene.publish_newer()
    tamper("UPDATE agents_artifact SET body = %s WHERE digest = %s", bytes(scene.other.artifact.body), scene.newer.pk)
    tamper(
        "UPDATE agents_artifactsignature SET value = (SELECT value FROM agents_artifactsignature WHERE artifact_id = %s)"
        " WHERE artifact_id = %s",
        scene.other.artifact.pk,
        scene.newer.pk,
    )


def strip_policy(scene: Scene) -> None:
    scene.publish_newer()
    tamper("DELETE FROM agents_artifactsignature WHERE artifact_id = %s", scene.newer.pk)


def policy_by_wrong_key(scene: Scene) -> None:
    scene.publish_newer()
    value = stranger().sign(POLICY_TYPE, bytes(scene.newer.body)).signatures[0].value
    tamper("UPDATE agents_artifactsignature SET value = %s WHERE artifact_id = %s", value, scene.newer.pk)


def policy_signed_as_a_statement(scene: Scene) -> None:
    scene.publish_newer()
    value = signing.signer().sign(CHANNEL_TYPE, bytes(scene.newer.body)).signatures[0].value
    tamper("UPDATE agents_artifactsignature SET value = %s WHERE artifact_id = %s", value, scene.newer.pk)


ATTACKS: dict[Callable[[Scene], None], str] = {
    strip_signature: "not signed",
    withhold_statement: "serial 2, and 3 was there",
    statement_cut_short: "no trusted key",
    signature_cut_short: "no trusted key",
    no_envelope: "not a DSSE envelope",
    swap_statement_of_another_agent: "for other, not for lending",
    swap_artifact_of_another_agent: "made for other, not for lending",
    replay_older_statement: "serial 1, and 3 was there",
    turn_everything_back: "serial 1, and 2 was there",
    expired: "ran out",
    wrong_key: "no trusted key",
    wrong_key_with_our_name: "no trusted key",
    wrong_type: "not application/vnd.countersign.channel",
    wrong_type_renamed: "no trusted key",
    signed_without_its_type: "no trusted key",
    unknown_format: "not countersign.channel/1",
    swap_policy_of_another_agent_under_its_own_name: "for other, not for lending",
    tampered_statement: "no trusted key",
    revoked: "serves what it revokes",
    tampered_policy: "no trusted key",
    policy_of_another_agent_in_its_place: "do not match the digest",
    strip_policy: "not signed",
    policy_by_wrong_key: "no trusted key",
    policy_signed_as_a_statement: "no trusted key",
    policy_signed_without_its_type: "no trusted key",
    policy_cut_short: "no trusted key",
}


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)
def test_attack__is_refused_and_the_last_good_one_answers(scene: Scene, attack: Callable[[Scene], None], caplog: Any):
    attack(scene)

    assert [scene.serves() for _ in range(3)] == [2, 2, 2]
    assert ATTACKS[attack] in scene.cache.faults()["lending"]
    errors = [record for record in caplog.records if record.name == "agents.serving.slots"]
    assert len(errors) == 1, "said once"
    answer = Client().post(
        scene.world.url, json.dumps({"input": GOOD_INPUT}), "application/json", headers=scene.world.auth
    )
    assert (answer.status_code, answer.json()["policy"]["version"], answer.json()["arm"]) == (201, 2, "stable")


FRESH = [attack for attack in ATTACKS if attack is not turn_everything_back]


@pytest.mark.parametrize("attack", FRESH, ids=lambda attack: attack.__name__)
def test_attack__on_a_process_that_just_started__serves_nothing(scene: Scene, attack: Callable[[Scene], None]):
    attack(scene)
    live = Cache().get("lending")
    assert live is not None
    assert (live.stable, live.canary) == (None, None)
    assert ATTACKS[attack] in live.fault
    assert live.contract is not None


def test_turned_back_as_a_whole__process_that_just_started__is_followed_no_longer_than_the_old_statement_holds(
    scene: Scene,
):
    """The one attack of which a process without a memory knows nothing: docs/signing.md says so."""
    old = channel.read(
        Envelope.from_json(ChannelStatement.objects.get(agent=scene.world.agent, serial=1).envelope).payload
    )
    turn_everything_back(scene)
    started = Cache()

    live = started.get("lending")
    assert live is not None
    assert live.stable is not None
    assert (live.serial, live.stable.version) == (1, 1)
    assert scene.serves() == 2, "a process that saw more does not go back"
    with time_machine.travel(old.not_after + timedelta(seconds=1)):
        for process in (started, Cache()):
            later = process.get("lending")
            assert later is not None
            assert (later.stable, later.canary) == (None, None)


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)
def test_attack__over_and_switched_by_a_person__is_followed_again(scene: Scene, attack: Callable[[Scene], None]):
    attack(scene)
    scene.serves()
    for _ in range(2):
        # The second rises above whatever serial the attack went back to.
        service.switch(agent_id=scene.world.agent.pk, stable=(scene.world.artifact.pk, 4), by=actors.SYSTEM)
    assert scene.serves() == 4
    assert scene.cache.faults() == {}


@pytest.mark.parametrize("attack", [strip_signature, withhold_statement, wrong_key, tampered_statement, expired])
def test_attack__is_not_signed_by_the_task_that_renews(scene: Scene, attack: Callable[[Scene], None]):
    attack(scene)
    with time_machine.travel(clock.now() + timedelta(hours=13)):
        service.renew_due(by=actors.SYSTEM)
    assert scene.serves() == 2


def test_attack__is_told_by_healthz(scene: Scene):
    assert Client().get("/healthz").json()["checks"]["slots"]["ok"] is True
    strip_signature(scene)
    scene.serves()
    told = Client().get("/healthz")
    assert (told.status_code, told.json()["checks"]["slots"]["ok"]) == (200, False)


def test_renewal_fails__contract_answers_until_it_works_again(scene: Scene):
    def ask() -> dict[str, Any]:
        body = json.dumps({"input": GOOD_INPUT})
        return Client().post(scene.world.url, body, "application/json", headers=scene.world.auth).json()

    with time_machine.travel(clock.now() + timedelta(hours=24, seconds=1), tick=False):
        answer = ask()
        assert (answer["policy"], answer["arm"], answer["reasons"][0]["code"]) == (None, "fallback", "unavailable")
        assert answer["output"] == {"action": "decline"}, "what the contract declares"
        assert "ran out" in Decision.objects.get(pk=answer["id"]).trace["unavailable"]
        service.renew_due(by=actors.SYSTEM)
        scene.cache.refresh()
        assert ask()["policy"]["version"] == 2


def test_revoked__while_served__is_answered_by_the_contract_at_once(scene: Scene):
    revocations.revoke(digest=scene.world.artifact.pk, reason="It declines everybody.", by=actors.SYSTEM)
    assert scene.serves() is None
    answer = (
        Client()
        .post(scene.world.url, json.dumps({"input": GOOD_INPUT}), "application/json", headers=scene.world.auth)
        .json()
    )
    assert (answer["policy"], answer["arm"], answer["reasons"][0]["code"]) == (None, "fallback", "unavailable")


def test_revoked__by_a_statement_that_is_refused__is_not_kept_as_the_last_good_one(scene: Scene):
    said = scene.next(revoked=(scene.world.artifact.pk,))
    scene.forge(signing.signer().sign(CHANNEL_TYPE, said.content()))
    assert scene.serves() is None


def test_revoked__rows_removed__stays_revoked(scene: Scene):
    revocations.revoke(digest=scene.newer.pk, reason="A mistake.", by=actors.SYSTEM)
    tamper("DELETE FROM agents_revocation")
    service.switch(agent_id=scene.world.agent.pk, stable=(scene.world.artifact.pk, 3), by=actors.SYSTEM)
    assert scene.said.revoked == (scene.newer.pk,)


def test_key_replaced__in_steps__serves_all_the_time(scene: Scene, settings: Any):
    old, new = settings.SIGNING_KEY, secrets.token_urlsafe(32)
    settings.TRUSTED_KEYS = [Signer(old).public, Signer(new).public]
    settings.SIGNING_KEY = new
    assert scene.serves() == 2
    assert rekeying.sign_again(by=actors.SYSTEM) >= 2
    settings.TRUSTED_KEYS = [Signer(new).public]
    assert scene.serves() == 2
    live = Cache().get("lending")
    assert live is not None
    assert live.stable is not None


def test_key_taken_out_of_trust__what_it_signed_is_refused_and_the_last_good_one_answers(scene: Scene, settings: Any):
    scene.newer = serving.store(scene.world.agent, guidance="newest")
    held = signing.signer().sign(CHANNEL_TYPE, scene.next(stable=Pointer(scene.newer.pk, 9)).content())
    settings.SIGNING_KEY = secrets.token_urlsafe(32)
    settings.TRUSTED_KEYS = [Signer(settings.SIGNING_KEY).public]

    scene.forge(held)

    assert scene.serves() == 2
    assert "no trusted key" in scene.cache.faults()["lending"]
    live = Cache().get("lending")
    assert live is not None
    assert live.stable is None

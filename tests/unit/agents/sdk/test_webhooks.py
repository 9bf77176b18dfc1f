"""Is this webhook ours?"""

import base64
import json

import pytest

from agents.runtime import webhooks as sending
from agents.sdk import BadSignature, webhooks

SECRET = "whsec_" + base64.b64encode(b"a secret of some length, for tests").decode()
OLDER = "whsec_" + base64.b64encode(b"the secret that was there before it").decode()
NOW = 1_700_000_000
BODY = json.dumps({"type": "decision.resolved", "data": {}}).encode()


def headers(*secrets: str, at: int = NOW) -> dict[str, str]:
    """Return the headers as the server sends them."""
    return sending.headers(secrets, message_id="msg_1", timestamp=at, body=BODY)


def test_verify__published_example__fits() -> None:
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    given = {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }
    assert webhooks.verify(b'{"test": 2432232314}', given, secrets=secret, now=1614265330) == {"test": 2432232314}


def test_verify__sent_by_the_server__is_the_event() -> None:
    assert webhooks.verify(BODY, headers(SECRET), secrets=SECRET, now=NOW)["type"] == "decision.resolved"


@pytest.mark.parametrize(("sent", "known"), [((SECRET, OLDER), [OLDER]), ((OLDER,), [SECRET, OLDER])])
def test_verify__secret_changes__either_side_may_be_first(sent: tuple[str, ...], known: list[str]) -> None:
    assert webhooks.verify(BODY, headers(*sent), secrets=known, now=NOW)


@pytest.mark.parametrize("away", [-301, 301])
def test_verify__time_is_off__is_a_replay(away: int) -> None:
    with pytest.raises(BadSignature, match="301 s away"):
        webhooks.verify(BODY, headers(SECRET), secrets=SECRET, now=NOW + away)


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"webhook-signature": "v1,AAAA"}, "No signature"),
        ({"webhook-signature": "v2,AAAA v1a,BBBB é"}, "No signature"),
        ({"webhook-id": "msg_2"}, "No signature"),
        ({"webhook-timestamp": str(NOW + 1)}, "No signature"),
        ({"webhook-timestamp": "soon"}, "not a number"),
    ],
)
def test_verify__header_was_changed__is_refused(change: dict[str, str], word: str) -> None:
    with pytest.raises(BadSignature, match=word):
        webhooks.verify(BODY, {**headers(SECRET), **change}, secrets=SECRET, now=NOW)


@pytest.mark.parametrize("missing", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_verify__header_is_missing__is_named(missing: str) -> None:
    given = {name: value for name, value in headers(SECRET).items() if name != missing}
    with pytest.raises(BadSignature, match=missing):
        webhooks.verify(BODY, given, secrets=SECRET, now=NOW)


def test_verify__body_was_changed__is_refused() -> None:
    with pytest.raises(BadSignature):
        webhooks.verify(BODY + b" ", headers(SECRET), secrets=SECRET, now=NOW)


def test_verify__body_is_no_object__is_refused() -> None:
    given = sending.headers([SECRET], message_id="m", timestamp=NOW, body=b"[]")
    with pytest.raises(BadSignature, match="JSON object"):
        webhooks.verify(b"[]", given, secrets=SECRET, now=NOW)


def test_verify__secret_is_none__is_a_mistake_of_the_program() -> None:
    with pytest.raises(ValueError, match="Base64"):
        webhooks.verify(BODY, headers(SECRET), secrets="whsec_not base64!", now=NOW)


def test_sign__as_the_server__is_the_same() -> None:
    signed = webhooks.sign(BODY, message_id="msg_1", timestamp=NOW, secrets=[SECRET, OLDER])
    assert signed == headers(SECRET, OLDER)["webhook-signature"]

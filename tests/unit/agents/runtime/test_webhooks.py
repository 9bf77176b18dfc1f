"""What a webhook is made of, against the published vector of Standard Webhooks."""

from datetime import UTC, datetime

import pytest

from agents.runtime import webhooks

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
ID = "msg_p5jXN8AQM9LWM0D4loKWxJek"


def test_signature__vector_of_the_standards_own_libraries__is_met():
    found = webhooks.signature(SECRET, message_id=ID, timestamp=1614265330, body=b'{"test": 2432232314}')
    assert found == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_headers__during_rotation__carry_both_signatures():
    made = webhooks.headers([SECRET, "whsec_AAAA"], message_id=ID, timestamp=1, body=b"{}")
    assert len(made["webhook-signature"].split(" ")) == 2
    assert (made["webhook-id"], made["webhook-timestamp"]) == (ID, "1")


def test_signature__secret_that_is_no_base64__is_refused():
    with pytest.raises(ValueError, match="base64"):
        webhooks.signature("whsec_%%%", message_id=ID, timestamp=1, body=b"")


def test_envelope__has_every_attribute_that_cloudevents_requires():
    at = datetime(2026, 3, 1, tzinfo=UTC)
    made = webhooks.envelope(event_id="1", kind="k", source="https://x/a", subject="s", at=at, data={"a": 1})
    assert {"specversion", "id", "source", "type"} <= set(made)
    assert (made["specversion"], made["time"], made["data"]) == ("1.0", "2026-03-01T00:00:00Z", {"a": 1})


def test_delay__grows_is_spread_and_capped_over_days():
    assert [webhooks.delay(n, share=1.0) for n in (1, 2, 3, 8, 30)] == [10, 40, 160, 86400, 86400]
    assert webhooks.delay(5, share=0.0) == 0
    longest = sum(webhooks.delay(n, share=1.0) for n in range(1, webhooks.ATTEMPTS))
    assert 3 * 86400 < longest < 6 * 86400


def test_probe__leaves_a_failing_endpoint_alone_ever_longer_but_no_more_than_minutes():
    assert [webhooks.probe(seconds, share=1.0) for seconds in (0, 60, 86400)] == [5, 30, 300]
    assert webhooks.probe(60, share=0.0) == 15

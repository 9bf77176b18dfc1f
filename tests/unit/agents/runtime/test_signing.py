"""Envelopes: what DSSE publishes, and what nobody gets past a check."""

import base64
import secrets
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils
from hypothesis import given
from hypothesis import strategies as st

from agents.runtime.signing import CHANNEL_TYPE, POLICY_TYPE, Envelope, Signature, SignatureError, Signer, Trust, pae

# From https://github.com/secure-systems-lab/dsse/blob/master/protocol.md, "Test Vectors".
PUBLISHED = {
    "payload": "aGVsbG8gd29ybGQ=",
    "payloadType": "http://example.com/HelloWorld",
    "signatures": [{"sig": "A3JqsQGtVsJ2O2xqrI5IcnXip5GToJ3F+FnZ+O88SjtR6rDAajabZKciJTfUiHqJPcIAriEGAHTVeCUjW2JIZA=="}],
}
PUBLISHED_X = 46950820868899156662930047687818585632848591499744589407958293238635476079160
PUBLISHED_Y = 5640078356564379163099075877009565129882514886557779369047442380624545832820

# RFC 8032, 7.1, TEST 1.
RFC_SEED = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
RFC_PUBLIC = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")


def signer() -> Signer:
    return Signer(secrets.token_urlsafe(32))


def b64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def test_pae__published_vector__is_the_same_bytes():
    assert pae("http://example.com/HelloWorld", b"hello world") == (
        b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    )
    assert pae("", b"") == b"DSSEv1 0  0 "


def test_envelope__published_vector__carries_the_published_signature():
    found = Envelope.from_json(PUBLISHED)
    assert found.payload == b"hello world"
    raw = found.signatures[0].value
    signature = utils.encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
    key = ec.EllipticCurvePublicNumbers(PUBLISHED_X, PUBLISHED_Y, ec.SECP256R1()).public_key()
    key.verify(signature, pae(found.payload_type, found.payload), ec.ECDSA(hashes.SHA256()))


def test_signer__key_of_rfc_8032__has_its_public_half():
    assert base64.b64decode(Signer(b64(RFC_SEED)).public) == RFC_PUBLIC
    assert Signer(b64(RFC_SEED)).key_id.startswith("sha256:")


@given(st.binary(max_size=300), st.sampled_from([POLICY_TYPE, CHANNEL_TYPE]))
def test_opened__signed__gives_exactly_the_bytes(payload: bytes, kind: str):
    key = Signer(b64(RFC_SEED))
    envelope = Envelope.from_json(key.sign(kind, payload).as_json())
    assert Trust([key.public]).opened(envelope, kind) == payload


@given(st.binary(min_size=1, max_size=80), st.integers(min_value=0), st.integers(0, 7))
def test_opened__one_bit_other__is_refused(payload: bytes, place: int, bit: int):
    key = Signer(b64(RFC_SEED))
    sealed = key.sign(POLICY_TYPE, payload)
    changed = bytearray(payload)
    changed[place % len(payload)] ^= 1 << bit
    signature = bytearray(sealed.signatures[0].value)
    signature[place % len(signature)] ^= 1 << bit
    for envelope in (
        replace(sealed, payload=bytes(changed)),
        replace(sealed, signatures=(Signature(key.key_id, bytes(signature)),)),
    ):
        with pytest.raises(SignatureError, match="no trusted key"):
            Trust([key.public]).opened(envelope, POLICY_TYPE)


@given(st.text(max_size=20), st.binary(max_size=20), st.text(max_size=20), st.binary(max_size=20))
def test_pae__two_pairs__never_share_bytes(kind: str, payload: bytes, other_kind: str, other: bytes):
    same = (kind, payload) == (other_kind, other)
    assert (pae(kind, payload) == pae(other_kind, other)) == same


def test_opened__other_type__is_refused_however_it_is_written():
    key = signer()
    sealed = key.sign(CHANNEL_TYPE, b"{}")
    with pytest.raises(SignatureError, match="not application"):
        Trust([key.public]).opened(sealed, POLICY_TYPE)
    with pytest.raises(SignatureError, match="no trusted key"):
        Trust([key.public]).opened(replace(sealed, payload_type=POLICY_TYPE), POLICY_TYPE)


def test_opened__unsigned_or_by_a_stranger__is_refused():
    ours, theirs = signer(), signer()
    trust = Trust([ours.public])
    with pytest.raises(SignatureError, match="not signed"):
        trust.opened(replace(ours.sign(POLICY_TYPE, b"x"), signatures=()), POLICY_TYPE)
    with pytest.raises(SignatureError, match="no trusted key"):
        trust.opened(theirs.sign(POLICY_TYPE, b"x"), POLICY_TYPE)
    stolen_name = replace(
        theirs.sign(POLICY_TYPE, b"x"),
        signatures=(Signature(ours.key_id, theirs.sign(POLICY_TYPE, b"x").signatures[0].value),),
    )
    with pytest.raises(SignatureError, match="no trusted key"):
        trust.opened(stolen_name, POLICY_TYPE)
    with pytest.raises(SignatureError):
        Trust([]).opened(ours.sign(POLICY_TYPE, b"x"), POLICY_TYPE)


def test_opened__key_id_is_only_a_hint():
    old, new = signer(), signer()
    trust = Trust([old.public, new.public])
    assert trust.key_ids == (old.key_id, new.key_id)
    sealed = new.sign(POLICY_TYPE, b"x")
    for hint in ("", old.key_id, "nonsense"):
        assert trust.opened(replace(sealed, signatures=(replace(sealed.signatures[0], key_id=hint),)), POLICY_TYPE)


def test_opened__one_good_signature_among_others__is_enough():
    old, new = signer(), signer()
    both = replace(
        new.sign(POLICY_TYPE, b"x"),
        signatures=(Signature("", b"short"), *old.sign(POLICY_TYPE, b"x").signatures),
    )
    assert Trust([old.public]).opened(both, POLICY_TYPE) == b"x"


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        "text",
        {},
        {"payloadType": "t", "payload": "eA==", "signatures": {}},
        {"payloadType": "t", "payload": "eA==", "signatures": [3]},
        {"payloadType": "t", "payload": "eA==", "signatures": [{}]},
        {"payloadType": "t", "payload": 3, "signatures": []},
        {"payloadType": "t", "payload": "*", "signatures": []},
        {"payloadType": "t", "payload": "eA==", "signatures": [{"sig": "eA=="}] * 17},
    ],
)
def test_from_json__no_envelope__is_refused(body: Any):
    with pytest.raises(SignatureError):
        Envelope.from_json(body)


@pytest.mark.parametrize("text", ["", "c2hvcnQ=", "***", "ü"])
def test_keys__not_32_bytes__are_refused(text: str):
    with pytest.raises(ValueError, match="32 bytes"):
        Signer(text)
    with pytest.raises(ValueError, match="32 bytes"):
        Trust([text])

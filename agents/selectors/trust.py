"""Whose signatures count, and opening what they signed. For loading, never for a request."""

from functools import lru_cache
from uuid import UUID

from django.conf import settings

from agents.models import Artifact, ArtifactSignature, ChannelStatement
from agents.runtime import artifact, channel
from agents.runtime.artifact import ArtifactError, Policy
from agents.runtime.channel import Statement
from agents.runtime.signing import CHANNEL_TYPE, POLICY_TYPE, Envelope, Signature, Trust


def keys() -> Trust:
    """Return the public keys this installation trusts."""
    return _keys(tuple(settings.TRUSTED_KEYS))


@lru_cache(maxsize=4)
def _keys(public: tuple[str, ...]) -> Trust:
    return Trust(public)


def envelope(digest: str) -> Envelope:
    """Return a sealed policy with its signatures. Raises `ArtifactError` when nothing is stored under the digest."""
    row = Artifact.objects.filter(pk=digest).first()
    if row is None:
        raise ArtifactError(f"no policy is stored under {digest}")
    signatures = ArtifactSignature.objects.filter(artifact_id=digest).order_by("-signed_at", "-pk")
    return Envelope(
        POLICY_TYPE, bytes(row.body), tuple(Signature(one.key_id, bytes(one.value)) for one in signatures[:16])
    )


def policy(digest: str, agent: str) -> Policy:
    """Return the policy that a trusted key signed under this digest, for the agent with this slug.

    Raises `ArtifactError` when it is not signed by one, not these bytes, no policy, or another agent's.
    """
    try:
        content = keys().opened(envelope(digest), POLICY_TYPE)
    except ArtifactError as fault:
        raise ArtifactError(f"policy {digest} cannot be trusted: {fault}") from fault
    found = artifact.load(content, digest)
    if found.agent != agent:
        raise ArtifactError(f"policy {digest} was made for {found.agent}, not for {agent}")
    return found


def newest(agent_id: UUID) -> ChannelStatement | None:
    """Return the statement with the highest serial, as it is stored; nothing of it is checked yet."""
    return ChannelStatement.objects.filter(agent_id=agent_id).order_by("-serial").first()


def read(row: ChannelStatement) -> Statement:
    """Return what a stored statement says once a trusted key signed it. Raises `ArtifactError` otherwise."""
    return channel.read(keys().opened(Envelope.from_json(row.envelope), CHANNEL_TYPE))

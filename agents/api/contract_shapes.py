"""What the API of contracts takes and answers, for its schema; the domain itself says what is acceptable."""

from typing import Any

from rest_framework import serializers

Shape = serializers.Serializer[dict[str, Any]]
_EFFECTS = ["breaking", "care", "safe"]


class DeprecationOutput(Shape):
    """Until when a contract is good."""

    deprecated_at = serializers.DateTimeField()
    sunset_at = serializers.DateTimeField()
    reason = serializers.CharField()
    said_by = serializers.CharField()
    said_at = serializers.DateTimeField()


class ContractChangeOutput(Shape):
    """One change against the version before; `reason` is what was written for a breaking one."""

    effect = serializers.ChoiceField(choices=_EFFECTS)
    path = serializers.CharField()
    text = serializers.CharField()
    reason = serializers.CharField(required=False)


class ContractRowOutput(Shape):
    """A published contract in the list. `live` says whether a policy that serves was made for it."""

    version = serializers.IntegerField()
    title = serializers.CharField()
    digest = serializers.CharField()
    published_at = serializers.DateTimeField()
    published_by = serializers.CharField()
    live = serializers.BooleanField()
    changes = ContractChangeOutput(many=True)
    deprecation = DeprecationOutput(allow_null=True)


class ContractDetailOutput(ContractRowOutput):
    """A published contract with its document."""

    body = serializers.DictField()


class ContractDraftOutput(Shape):
    """The draft of the next version; `revision` is sent along to save it. 0: nothing is saved yet."""

    body = serializers.DictField()
    revision = serializers.IntegerField()
    saved_at = serializers.DateTimeField(allow_null=True)
    saved_by = serializers.CharField(allow_blank=True)


class ContractListOutput(Shape):
    """An agent's contracts, newest first."""

    contracts = ContractRowOutput(many=True)
    draft = ContractDraftOutput(allow_null=True)


class ContractDraftInput(Shape):
    """A draft to keep, with the revision that was read."""

    body = serializers.DictField()
    revision = serializers.IntegerField(min_value=0, default=0)


class BodyInput(Shape):
    """A contract to look at; the saved draft when it is left out."""

    body = serializers.DictField(required=False)


class PublishInput(BodyInput):
    """A contract to publish; `acknowledged` gives a reason by the path of each breaking change."""

    acknowledged = serializers.DictField(child=serializers.CharField(max_length=2_000), required=False)


class ExaminedOutput(Shape):
    """What publishing would meet."""

    valid = serializers.BooleanField()
    version = serializers.IntegerField()
    digest = serializers.CharField(allow_null=True)
    errors = serializers.DictField(child=serializers.CharField())  # type: ignore[assignment]  # the answer's own word
    verdict = serializers.CharField(allow_blank=True)
    changes = ContractChangeOutput(many=True)


class CompareQuery(Shape):
    """Which two published versions are held against each other."""

    old = serializers.IntegerField(min_value=1, max_value=2**31 - 1, required=False)
    new = serializers.IntegerField(min_value=1, max_value=2**31 - 1, required=False)


class ComparisonOutput(Shape):
    """Two versions, and in a sentence whether the new one may replace the old one."""

    old = serializers.IntegerField()
    new = serializers.IntegerField()
    verdict = serializers.CharField()
    changes = ContractChangeOutput(many=True)


class DeprecateInput(Shape):
    """Until when a contract is good; `deprecated_at` is now when left out."""

    deprecated_at = serializers.DateTimeField(required=False, allow_null=True)
    sunset_at = serializers.DateTimeField()
    reason = serializers.CharField(max_length=2_000)

"""How the API is described: one schema class for every operation, so that errors, tags and summaries are alike."""

from typing import Any

from drf_spectacular.openapi import AutoSchema
from rest_framework import serializers

from reviewapp.core.web.problems import CONTENT_TYPE

# Which part of the product an operation belongs to, by the package of its view.
TAGS = {"agents": "Agents and decisions", "corrections": "Review", "policies": "Releases", "reviewapp": "Incidents"}
_WORDS = {
    400: "The body cannot be read.",
    401: "No key, or one that is unknown, expired or revoked.",
    403: "The key lacks a scope, or the person a right.",
    404: "It does not exist, or the asker may not see it.",
    409: "It has moved on since; nothing was changed.",
    413: "The body is too large.",
    415: "Send JSON.",
    422: "Some fields need attention; `errors` names each.",
    429: "Too much for now; `Retry-After` says when to come back.",
    503: "Something this needs is down; `Retry-After` says when to come back.",
}


class FaultOutput(serializers.Serializer[dict[str, Any]]):
    """One faulty place and its mend."""

    path = serializers.CharField(help_text="Dotted path into the body, or the name of a parameter or header.")
    message = serializers.CharField()


class ProblemOutput(serializers.Serializer[dict[str, Any]]):
    """A problem document (RFC 9457). `code` is stable and made for programs, `detail` is made for people."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    code = serializers.CharField()
    detail = serializers.CharField()
    errors = FaultOutput(many=True)  # type: ignore[assignment]  # the document's own word


def problems(*codes: int) -> dict[tuple[int, str], type[ProblemOutput]]:
    """Return responses for `extend_schema`: problem documents beyond those that every operation of its kind has."""
    return {(code, CONTENT_TYPE): ProblemOutput for code in codes}


class OperationSchema(AutoSchema):
    """Adds what is true of every operation: its problem documents, its tag, and a summary from its docstring."""

    def get_tags(self) -> list[str]:
        """Return the part of the product that the view's package stands for."""
        package = type(self.view).__module__.partition(".")[0]
        return [TAGS.get(package, "Other")]

    def get_summary(self) -> str | None:
        """Return the stated summary, or the first sentence of the description."""
        stated: str | None = super().get_summary()
        return stated or self.get_description().partition("\n")[0].partition(". ")[0].rstrip(".") or None

    def _get_response_bodies(self, direction: Any = "response") -> dict[str, Any]:
        found: dict[str, Any] = super()._get_response_bodies(direction)
        if direction == "request":
            # A webhook: what comes back is the receiver's, who has no problem documents of ours.
            return found
        for code in self._refusals():
            if str(code) not in found:
                found[str(code)] = self._get_response_for_code(ProblemOutput, str(code), [CONTENT_TYPE], direction)  # type: ignore[no-untyped-call]
        for status, body in found.items():
            if int(status) in _WORDS and not body.get("description"):
                body["description"] = _WORDS[int(status)]
        return dict(sorted(found.items()))

    def _refusals(self) -> list[int]:
        codes = [401, 403, 503]
        # A body names things too.
        if "{" in self.path or self._get_request_body():  # type: ignore[no-untyped-call]
            codes.append(404)
        if self.method != "GET":
            codes.append(409)
        if self._get_request_body():  # type: ignore[no-untyped-call]
            codes += [400, 413, 415, 422]
        elif any(one["in"] == "query" for one in self._get_parameters()):
            codes.append(422)
        return codes

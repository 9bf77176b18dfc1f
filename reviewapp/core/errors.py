"""Errors of the domain: what went wrong, where, and how to mend it.

They carry an HTTP status because every entry point (page, API, command) tells the same story; the layers that raise
them know nothing of HTTP beyond that number. The API renders them as RFC 9457 problem details.
"""

from collections.abc import Mapping
from typing import Any


class DomainError(Exception):
    """A rule of the product refused something; `detail` is a sentence a person can act on."""

    status = 400
    code = "bad_request"
    title = "The request cannot be carried out"

    def __init__(
        self,
        detail: str,
        *,
        fields: Mapping[str, str] | None = None,
        code: str | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        """Keep the sentence, the faulty fields by dotted path, and further members for the problem document."""
        super().__init__(detail)
        self.detail = detail
        self.fields: dict[str, str] = dict(fields or {})
        self.extra: dict[str, Any] = dict(extra or {})
        if code is not None:
            self.code = code


class Invalid(DomainError):
    """Something entered is not acceptable; `fields` names each place and its mend."""

    status = 422
    code = "invalid"
    title = "Some fields need attention"


class Unauthenticated(DomainError):
    """Nobody, or nobody we know, is asking."""

    status = 401
    code = "unauthenticated"
    title = "Sign in or send a valid key"


class NotAllowed(DomainError):
    """The asker is known and may not do this."""

    status = 403
    code = "not_allowed"
    title = "You may not do this"


class Missing(DomainError):
    """The thing does not exist, or the asker may not know that it does."""

    status = 404
    code = "not_found"
    title = "Not found"


class Conflict(DomainError):
    """The thing has moved on since the asker looked; nothing was changed."""

    status = 409
    code = "conflict"
    title = "Someone or something was faster"


class Gone(DomainError):
    """The thing existed and was retired."""

    status = 410
    code = "gone"
    title = "No longer available"


class TooLarge(DomainError):
    """The body is larger than the limit that `detail` names."""

    status = 413
    code = "too_large"
    title = "The body is too large"


class Throttled(DomainError):
    """Too much, too fast; `retry_after` seconds from now is a good time."""

    status = 429
    code = "throttled"
    title = "Too many requests"


class Unavailable(DomainError):
    """Something this needs is down; trying again later is right."""

    status = 503
    code = "unavailable"
    title = "Temporarily unavailable"

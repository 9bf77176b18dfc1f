"""Reading a JSON body: what passes here can be kept, compared and written down again."""

from collections.abc import Iterator, Mapping
from typing import IO, Any

import orjson
from django.conf import settings
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser

from reviewapp.core.errors import Invalid, TooLarge

# Deeper than any document here; what nests further would exhaust the stack of whatever reads it later.
DEEPEST = 64


class JSONParser(BaseParser):
    """Reads JSON as RFC 8259 has it: UTF-8, no NaN, no half characters; the framework's own takes more than we can keep.

    Raises `ParseError` for what is no JSON or nests too deep, `TooLarge` beyond `API_MAX_BYTES`, and `Invalid` with the
    place of a null character, which PostgreSQL cannot store.
    """

    media_type = "application/json"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        """Return the parsed body."""
        limit = settings.API_MAX_BYTES
        raw: bytes = stream.read(limit + 1)
        if len(raw) > limit:
            raise TooLarge(f"A request has at most {limit // 1024**2} MiB. Send it in parts.")
        try:
            found = orjson.loads(raw)
        except orjson.JSONDecodeError as fault:
            raise ParseError(f"The body is not JSON: {fault}.") from None
        faults = dict.fromkeys(_unkept(found), "Leave the null character out; it cannot be stored.")
        if faults:
            raise Invalid("The body has a character that cannot be stored.", fields=faults)
        return found


def _unkept(body: Any) -> Iterator[str]:
    """Yield the dotted paths of null characters; raises `ParseError` when something nests too deep."""
    left: list[tuple[str, Any, int]] = [("", body, 0)]
    while left:
        path, value, depth = left.pop()
        if depth > DEEPEST:
            raise ParseError(f"The body nests deeper than {DEEPEST} levels.")
        if isinstance(value, str):
            if "\x00" in value:
                yield path
        elif isinstance(value, dict):
            for key, inner in value.items():
                place = f"{path}.{key}" if path else key
                if "\x00" in key:
                    yield place.replace("\x00", "")
                left.append((place, inner, depth + 1))
        elif isinstance(value, list):
            left += [(f"{path}[{index}]", inner, depth + 1) for index, inner in enumerate(value)]

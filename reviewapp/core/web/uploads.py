"""Uploads that are too large are dropped while they arrive: nothing of them is kept, and the view is told their names."""

from collections.abc import Mapping
from typing import Any, cast

from django.conf import settings
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import HttpRequest
from rest_framework.request import Request

_MARK = "countersign.too_large"


class Bounded(FileUploadHandler):
    """Stands before Django's handlers and counts."""

    chunk_size = 64 * 1024

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Begin to count."""
        super().new_file(*args, **kwargs)
        self._received = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        """Pass a piece on, or drop the file."""
        self._received += len(raw_data)
        if self._received > settings.ATTACHMENT_MAX_BYTES:
            meta = cast("dict[str, Any]", self.request.META if self.request is not None else {})
            meta.setdefault(_MARK, []).append(self.file_name or "file")
            raise SkipFile
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """Leave the file to the handlers that follow."""


def too_large(request: HttpRequest | Request) -> list[str]:
    """Return the names of the files that were dropped; reads the body, as whoever asks for its files does."""
    _ = request.FILES
    meta = cast("Mapping[str, Any]", request.META)
    return list(meta.get(_MARK, ()))

"""Addresses of the shell."""

from typing import Any

urlpatterns: list[Any] = []

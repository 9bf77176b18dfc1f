"""The column that holds a decision's trace."""

from typing import Any

from django.db import models

from agents.runtime import trace


class TraceField(models.JSONField):
    """JSON that is packed when it is written and unpacked when it is read; see `agents.runtime.trace`.

    To PostgreSQL and to migrations it is a column of JSON like any other.
    """

    def get_prep_value(self, value: Any) -> Any:
        """Return the trace as it is kept."""
        return super().get_prep_value(trace.packed(value) if isinstance(value, dict) else value)

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        """Return the trace as it is told."""
        found = super().from_db_value(value, expression, connection)
        return trace.unpacked(found) if isinstance(found, dict) else found

    def deconstruct(self) -> Any:
        """Return what a migration says of this column: no more than that it is JSON."""
        name, _, arguments, options = super().deconstruct()
        return name, "django.db.models.JSONField", arguments, options

"""Feature views in the database, and rows to send to them."""

from datetime import timedelta
from typing import Any

from agents.models import Agent
from agents.selectors.features import Definition
from agents.services import features, ingestion
from reviewapp.core import clock
from reviewapp.core.accounts import actors

VIEW: dict[str, Any] = {
    "name": "applicant",
    "entity": "applicant",
    "title": "What is known of an applicant",
    "owner": "Credit data",
    "freshness_seconds": 3600,
    "features": [
        {"name": "income", "type": "number", "unit": "EUR", "class": "personal"},
        {"name": "loans", "type": "integer", "freshness_seconds": 86400},
        {"name": "region", "type": "string", "class": "public"},
        {"name": "health", "type": "boolean", "class": "sensitive"},
    ],
}


def view(agent: Agent, **changes: Any) -> Definition:
    """Publish a version of the applicant view for an agent."""
    return features.put(agent=agent, body={**VIEW, **changes}, by=actors.SYSTEM)


def row(entity: str = "a-1", *, age: float = 60, **values: Any) -> dict[str, Any]:
    """Return a row that was true from `age` seconds ago on."""
    moment = clock.now() - timedelta(seconds=age)
    return {"entity": entity, "event_time": moment.isoformat(), "values": values or {"income": 2000.0, "loans": 1}}


def send(known: Definition, *rows: dict[str, Any]) -> ingestion.Ingested:
    """Take in rows."""
    return ingestion.ingest(view=known, rows=list(rows), by=actors.SYSTEM)

"""The client of Countersign for agents written in Python: ask for a decision, wait for what people make of it.

with Client("http://127.0.0.1:8000", key="cs_…", agent="credit") as client:
    decision = client.decide({"duration": 24, …}, case_ref="A-17")
    if decision["status"] != "auto":
        settled = client.wait(decision, seconds=3600)
"""

from .aio import AsyncClient
from .breaker import Breaker
from .client import Client
from .decorating import countersigned
from .errors import BadSignature, CircuitOpen, Pending, Problem, SpoolFull
from .retries import Retries
from .spool import Spool
from .tickets import Ticket

__all__ = [
    "AsyncClient",
    "BadSignature",
    "Breaker",
    "CircuitOpen",
    "Client",
    "Pending",
    "Problem",
    "Retries",
    "Spool",
    "SpoolFull",
    "Ticket",
    "countersigned",
]

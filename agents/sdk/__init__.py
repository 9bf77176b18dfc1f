"""A small client for agents written in Python: ask for a decision, wait for what people make of it.

with Client("http://127.0.0.1:8000", key="cs_…", agent="credit") as client:
    decision = client.decide({"duration": 24, …}, case_ref="A-17")
    if decision["status"] != "auto":
        settled = client.wait(decision, seconds=3600)
"""

from agents.sdk.client import Client, Problem

__all__ = ["Client", "Problem"]

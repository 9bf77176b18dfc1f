"""The roles Countersign comes with, as data. Installations may add their own rows."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RoleSpec:
    """One role: its code, its name, what it is for, and its permissions (codenames on the agent)."""

    code: str
    name: str
    description: str
    permissions: tuple[str, ...]


ROLES = (
    RoleSpec("reviewer", "Reviewer", "Judges flagged decisions and writes corrections.", ("view_agent", "review_task")),
    RoleSpec(
        "senior_reviewer",
        "Senior reviewer",
        "Reviews, and settles the decisions on which reviewers disagree.",
        ("view_agent", "review_task", "adjudicate_task"),
    ),
    RoleSpec(
        "risk_officer",
        "Risk officer",
        "Decides escalated corrections and approves policy versions, never their own.",
        ("view_agent", "decide_escalation", "approve_policy"),
    ),
    RoleSpec(
        "policy_admin",
        "Policy admin",
        "Builds, submits, approves and releases policy versions; nobody approves what they submitted.",
        ("view_agent", "build_policy", "approve_policy", "release_policy"),
    ),
    RoleSpec("auditor", "Auditor", "Reads everything, changes nothing.", ("view_agent", "audit_agent")),
    RoleSpec(
        "agent_developer", "Agent developer", "Connects agents: contracts and keys.", ("view_agent", "develop_agent")
    ),
    RoleSpec(
        "operator", "Operator", "Keeps the system running: health, queues, roll back.", ("view_agent", "operate_agent")
    ),
)

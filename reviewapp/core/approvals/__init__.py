"""Four-eyes approvals, shared by escalations and releases."""

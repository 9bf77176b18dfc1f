"""Pure rollout rules: plans, guards, and statistics that stay valid however often one looks."""

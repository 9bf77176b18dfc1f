"""The demo: a bank's people, three agents on real and written cases, decisions in every state."""

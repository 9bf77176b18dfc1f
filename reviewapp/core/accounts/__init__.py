"""People, service accounts, API keys, roles and permissions."""

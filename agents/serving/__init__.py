"""The hot path: from a request to a recorded decision. Light by rule: no DRF, Celery, guardian or Channels."""

"""How property tests run: the same examples every time, without a database of failures or a stop-watch."""

from hypothesis import HealthCheck, settings

steady = settings(derandomize=True, database=None, deadline=None, suppress_health_check=[HealthCheck.too_slow])

"""The product's tests; real PostgreSQL, real Valkey, real browser."""

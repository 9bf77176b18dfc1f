# The only door: run, reset, test, check. Everything behind it lives in reviewapp/ops.

# The first Python 3.11 there is; otherwise whatever answers, so that it can say what is wrong.
PYTHON ?= $(shell for p in python3.11 python3 python; do "$$p" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null && { command -v "$$p"; exit; }; done; command -v python3)
VENV := .venv/bin
BOOTSTRAP = @test -n "$(PYTHON)" || { echo "countersign: No Python 3.11 found: install it (Debian 12: apt install python3.11 python3.11-venv)." >&2; exit 1; }; "$(PYTHON)" -I reviewapp/ops/bootstrap.py

# A made-up production, so that its settings can be checked: nothing here opens anything.
PRODUCTION = DJANGO_SETTINGS_MODULE=reviewapp.settings.production \
	SECRET_KEY=check-only-0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJ KEY_PEPPER=check-only-0123456789-abcdefghijklmnop \
	SIGNING_KEY=nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A= TRUSTED_KEYS=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo= \
	WEB_ORIGIN=https://countersign.example LIVE_ORIGIN=https://countersign.example ALLOWED_HOSTS=countersign.example \
	DATABASE_URL=postgresql://web@db.example/countersign REDIS_URL=redis://redis.example/0

.PHONY: run reset test check bench bench-quick install-run install-dev browser

run: install-run
	@exec $(VENV)/python -m reviewapp.ops.supervisor

reset: install-run
	@exec $(VENV)/python -m reviewapp.ops.reset

install-run:
	$(BOOTSTRAP) run

install-dev:
	$(BOOTSTRAP) dev

browser: install-dev
	@$(VENV)/python -m reviewapp.ops.browser

# First what can share the machine, on both cores; then what needs the whole product running, one at a time.
test: browser
	@$(VENV)/python -m tests.conformance.environment > /dev/null
	@status=0; \
	$(VENV)/python -m pytest -n 2 -m "not stack" || status=1; \
	$(VENV)/python -m pytest -m stack || status=1; \
	exit $$status

# Ratios against a bare floor in the same run; docs/performance.md says how. The last line is JSON.
bench: install-dev
	@$(VENV)/python -m tests.perf

bench-quick: install-dev
	@$(VENV)/python -m tests.perf --quick

check: install-dev
	@status=0; \
	step() { printf '%-24s' "$$1"; shift; if out=$$("$$@" 2>&1); then echo ok; else echo FAILED; echo "$$out"; status=1; fi; }; \
	step "format"              $(VENV)/ruff format --check .; \
	step "lint"                $(VENV)/ruff check .; \
	step "types"               $(VENV)/mypy; \
	step "layers"              $(VENV)/lint-imports; \
	step "template indentation" $(VENV)/djhtml --check --tabwidth 2 templates; \
	step "template lint"       $(VENV)/djlint --lint --quiet templates; \
	step "migrations"          env DJANGO_SETTINGS_MODULE=reviewapp.settings.test $(VENV)/python -W ignore::RuntimeWarning manage.py makemigrations --check --dry-run; \
	step "API description"    env DJANGO_SETTINGS_MODULE=reviewapp.settings.test $(VENV)/python -W ignore::RuntimeWarning manage.py spectacular --validate --fail-on-warn --file /dev/null; \
	step "production settings" env $(PRODUCTION) $(VENV)/python manage.py check --deploy --fail-level WARNING; \
	exit $$status

"""The laptop: `make run`. Secrets come from the state directory, made on the first run."""

from reviewapp.settings import env
from reviewapp.settings.base import *  # noqa: F403 - an environment is the base with overrides

ALLOW_DEMO = True
SECRET_KEY = env.secret("SECRET_KEY", STATE_DIR / "keys" / "secret_key")  # noqa: F405 - from base
KEY_PEPPER = env.secret("KEY_PEPPER", STATE_DIR / "keys" / "key_pepper")  # noqa: F405 - from base
SIGNING_KEY, TRUSTED_KEYS = env.signing(ROLE, STATE_DIR / "keys" / "signing_key")  # noqa: F405 - from base
WEBHOOK_ALLOW_PRIVATE = env.flag("WEBHOOK_ALLOW_PRIVATE", default=True)

# Nobody gains by compression on one machine, and it takes longer than everything else in a first start.
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"}  # noqa: F405 - from base

# On a laptop each e-mail becomes a file that can be read.
if not SENDS_EMAIL:  # noqa: F405 - from base
    vars().update(env.email(f"file://{STATE_DIR / 'mail'}"))  # noqa: F405 - from base

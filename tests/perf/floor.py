"""The bare floor: the same server and framework as the decide process, one INSERT of the document, no logic."""

import os
import threading

import django
import orjson
import psycopg
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from psycopg.types.json import Jsonb
from uuid_utils import compat

TABLE = "bench_floor"
_INSERT = f"INSERT INTO {TABLE} (id, document) VALUES (%s, %s)"  # noqa: S608 - our own constant
_kept = threading.local()


def _connection() -> psycopg.Connection[tuple[object, ...]]:
    found: psycopg.Connection[tuple[object, ...]] | None = getattr(_kept, "connection", None)
    if found is None:
        found = _kept.connection = psycopg.connect(os.environ["DATABASE_URL"], autocommit=True, prepare_threshold=1)
    return found


@csrf_exempt
def insert(request: HttpRequest) -> HttpResponse:
    """Keep the document in the body under a new id."""
    document = orjson.loads(request.body)
    key = compat.uuid7()
    _connection().execute(_INSERT, (key, Jsonb(document, orjson.dumps)))
    content = orjson.dumps({"id": str(key)})
    return HttpResponse(
        content, status=201, content_type="application/json", headers={"Content-Length": str(len(content))}
    )


if not settings.configured:
    settings.configure(
        SECRET_KEY="measured only",
        ALLOWED_HOSTS=["127.0.0.1"],
        ROOT_URLCONF=__name__,
        MIDDLEWARE=[],
        INSTALLED_APPS=[],
        DATABASES={},
    )
    django.setup()

urlpatterns = [path("insert", insert)]
application = get_wsgi_application()

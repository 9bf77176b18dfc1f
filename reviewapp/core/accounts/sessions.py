"""Sessions in the database, read by a statement that is planned once: every page begins with this."""

from typing import Any

from django.contrib.sessions.backends import db

from reviewapp.core import clock, statements

_READ = """
    SELECT session_data, expire_date FROM django_session WHERE session_key = %s AND expire_date > %s
"""


class SessionStore(db.SessionStore):
    """Django's sessions in the database; only the way they are read differs."""

    def _get_session_from_db(self) -> Any:
        row = statements.run(_READ, [self.session_key, clock.now()], again=True).fetchone()
        if row is None:
            self._session_key = None
            return None
        return self.model(session_key=str(self.session_key), session_data=row[0], expire_date=row[1])

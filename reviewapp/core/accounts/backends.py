"""How somebody who signed in is found again at every request."""

from typing import Any

from django.contrib.auth.backends import ModelBackend

from reviewapp.core import statements
from reviewapp.core.accounts.models import User

_FIELDS = tuple(field.attname for field in User._meta.concrete_fields)
_READ = f"""SELECT {", ".join(f'"{field.column}"' for field in User._meta.concrete_fields)}
    FROM accounts_user WHERE id = %s"""  # noqa: S608 - names of the table's columns


class People(ModelBackend):
    """Signs in by name and password; the person is read by a statement that is planned once."""

    def get_user(self, user_id: Any) -> User | None:
        """Return the active person of this id, as they are now; None for one who was deactivated."""
        row = statements.run(_READ, [user_id], again=True).fetchone()
        user = User.from_db("default", _FIELDS, row) if row is not None else None
        return user if user is not None and self.user_can_authenticate(user) else None

"""The built-in roles are data, present wherever the tables are."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from reviewapp.core.accounts import roles


def write_roles(apps: Apps, _: BaseDatabaseSchemaEditor) -> None:
    """Insert or refresh the rows of the built-in roles."""
    role = apps.get_model("accounts", "Role")
    for spec in roles.ROLES:
        role.objects.update_or_create(
            code=spec.code,
            defaults={"name": spec.name, "description": spec.description, "permissions": list(spec.permissions)},
        )


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]
    operations = [migrations.RunPython(write_roles, migrations.RunPython.noop)]

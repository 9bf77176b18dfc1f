"""Messages that arrived may leave the table once their time is over; all others stay, whoever asks."""

from django.db import migrations


class Migration(migrations.Migration):
    """Let delivered messages be deleted."""

    dependencies = [("agents", "0013_decision_indexes")]

    operations = [
        migrations.RunSQL(
            """
            DROP TRIGGER agents_webhookdelivery_no_delete_row ON agents_webhookdelivery;
            CREATE TRIGGER agents_webhookdelivery_no_delete_row BEFORE DELETE ON agents_webhookdelivery
                FOR EACH ROW WHEN (OLD.state <> 'delivered')
                EXECUTE FUNCTION agents_webhookdelivery_no_delete();
            """,
            """
            DROP TRIGGER agents_webhookdelivery_no_delete_row ON agents_webhookdelivery;
            CREATE TRIGGER agents_webhookdelivery_no_delete_row BEFORE DELETE ON agents_webhookdelivery
                FOR EACH ROW EXECUTE FUNCTION agents_webhookdelivery_no_delete();
            """,
        ),
    ]

"""Files that go with a judgement."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from corrections.models.corrections import Correction
from corrections.models.queues import Task
from reviewapp.core import ids


class Attachment(models.Model):
    """A file that a person gave for a task. Part of the draft until it is bound to their correction, then for good."""

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    task = models.ForeignKey(Task, on_delete=models.PROTECT, db_index=False, related_name="attachments")
    uploader = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, db_index=False, related_name="+")
    correction = models.ForeignKey(Correction, on_delete=models.PROTECT, null=True, related_name="attachments")
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=8)
    media_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField()
    digest = models.CharField(max_length=80, db_index=True)
    # A picture that tells of the camera, time or place.
    tells = models.BooleanField(default=False)
    uploaded_at = models.DateTimeField()

    class Meta:
        ordering = ["uploaded_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["task", "uploader", "digest"], name="attachment_content_once"),
            models.CheckConstraint(condition=Q(size__gte=1), name="attachment_holds_something"),
            models.CheckConstraint(condition=~Q(name="") & Q(digest__startswith="sha256:"), name="attachment_whole"),
        ]
        indexes = [models.Index(fields=["uploaded_at"], condition=Q(correction=None), name="attachment_of_drafts")]

    def __str__(self) -> str:
        """Show the file's name."""
        return self.name

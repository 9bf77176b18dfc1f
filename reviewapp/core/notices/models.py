"""Tables of notices: what was told to whom, what goes out, and how people want it."""

from datetime import time

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from reviewapp.core import ids
from reviewapp.core.notices.topics import CHANNELS, MODES, TOPICS


class Notice(models.Model):
    """Something one person was told. It names a page; what that page shows is checked again when it is opened."""

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, db_index=False, related_name="+")
    event_id = models.UUIDField()
    topic = models.CharField(max_length=12, choices=[(one.code, one.label) for one in TOPICS.values()])
    title = models.CharField(max_length=200)
    text = models.CharField(max_length=500, blank=True)
    path = models.CharField(max_length=200)
    scope = models.CharField(max_length=80, blank=True)
    told_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["person", "-id"], name="notice_of_person"),
            models.Index(fields=["person"], condition=Q(read_at__isnull=True), name="notice_unread"),
            models.Index(fields=["path"], condition=Q(read_at__isnull=True), name="notice_open_path"),
        ]
        constraints = [
            # Handlers run at least once; nobody is told twice.
            models.UniqueConstraint(fields=["event_id", "person", "topic"], name="notice_once"),
            models.CheckConstraint(condition=Q(topic__in=list(TOPICS)), name="notice_topic"),
            models.CheckConstraint(condition=Q(path__startswith="/"), name="notice_path_is_ours"),
            models.CheckConstraint(
                condition=Q(read_at__isnull=True) | Q(read_at__gte=F("told_at")), name="notice_read_later"
            ),
        ]

    def __str__(self) -> str:
        """Show the notice's title."""
        return self.title


class Wish(models.Model):
    """How one person wants to be told: digest, quiet hours, snooze, and the address of a chat."""

    person = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="notice_wish"
    )
    digest_at = models.TimeField(default=time(8, 0))
    quiet_from = models.TimeField(null=True)
    quiet_to = models.TimeField(null=True)
    snoozed_until = models.DateTimeField(null=True)
    # Whoever knows the address of a chat's webhook can write to it: it is a secret, kept encrypted.
    chat_sealed = models.TextField(blank=True)
    chat_host = models.CharField(max_length=255, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(quiet_from__isnull=True, quiet_to__isnull=True)
                | (Q(quiet_from__isnull=False, quiet_to__isnull=False) & ~Q(quiet_from=F("quiet_to"))),
                name="wish_quiet_pair",
            ),
            models.CheckConstraint(
                condition=Q(chat_sealed="", chat_host="") | (~Q(chat_sealed="") & ~Q(chat_host="")),
                name="wish_chat_pair",
            ),
        ]

    def __str__(self) -> str:
        """Name the person by number."""
        return f"wishes of {self.person_id}"


class Choice(models.Model):
    """How one person is told of one topic over one channel, where that is not the default."""

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, db_index=False, related_name="+")
    topic = models.CharField(max_length=12)
    channel = models.CharField(max_length=5)
    mode = models.CharField(max_length=6)

    class Meta:
        ordering = ["person", "topic", "channel"]
        constraints = [
            models.UniqueConstraint(fields=["person", "topic", "channel"], name="choice_once"),
            models.CheckConstraint(condition=Q(topic__in=list(TOPICS)), name="choice_topic"),
            models.CheckConstraint(condition=Q(channel__in=list(CHANNELS)), name="choice_channel"),
            models.CheckConstraint(condition=Q(mode__in=list(MODES)), name="choice_mode"),
        ]

    def __str__(self) -> str:
        """Show topic, channel and mode."""
        return f"{self.topic} by {self.channel}: {self.mode}"


class Message(models.Model):
    """A notice on its way out over one channel. Messages of a person that are due together go out as one."""

    class State(models.TextChoices):
        """Where the message stands."""

        WAITING = "waiting", "Waiting"
        SENT = "sent", "Sent"
        GIVEN_UP = "given_up", "Given up"

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    notice = models.ForeignKey(Notice, on_delete=models.CASCADE, db_index=False, related_name="messages")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, db_index=False, related_name="+")
    channel = models.CharField(max_length=5)
    due_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=300, blank=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["due_at", "id"]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(state="waiting"), name="message_due"),
            models.Index(fields=["person", "channel", "-closed_at"], name="message_of_person"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["notice", "channel"], name="message_once"),
            models.CheckConstraint(condition=Q(state__in=["waiting", "sent", "given_up"]), name="message_state"),
            models.CheckConstraint(condition=Q(channel__in=list(CHANNELS)), name="message_channel"),
            models.CheckConstraint(
                condition=Q(state="waiting", closed_at__isnull=True)
                | (~Q(state="waiting") & Q(closed_at__isnull=False)),
                name="message_closed_pair",
            ),
        ]

    def __str__(self) -> str:
        """Show channel and state."""
        return f"{self.channel}: {self.state}"

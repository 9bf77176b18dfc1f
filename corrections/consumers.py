"""Live pages: who else is looking, and what changed, as HTML fragments over a websocket.

A message never carries a decision's content: the page asks for that by HTTP, where permissions are checked again.
"""

from typing import Any
from uuid import UUID

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from django.template.loader import render_to_string

from corrections.models import Queue, Task
from corrections.selectors import queues
from reviewapp.core import clock
from reviewapp.core.accounts import access
from reviewapp.core.accounts.models import User
from reviewapp.core.events import live

# Close codes of our own (RFC 6455, 4000 to 4999): not signed in, not allowed.
UNAUTHENTICATED, NOT_ALLOWED = 4401, 4403


class _Watch(AsyncWebsocketConsumer):
    """Watches one topic after the person's right to see it was checked."""

    topic = ""
    watching = False

    async def connect(self) -> None:
        """Accept people who may see the thing; tell others why not by close code."""
        user = self.scope.get("user")
        if not isinstance(user, User):
            await self.close(code=UNAUTHENTICATED)
            return
        self.user = user
        if not await self.allowed(user):
            await self.close(code=NOT_ALLOWED)
            return
        await self.channel_layer.group_add(live.group(self.topic), self.channel_name)
        self.watching = True
        await self.accept()
        await self.joined()

    async def disconnect(self, code: int) -> None:
        """Stop watching; who was refused never began, so nobody hears of them."""
        if self.watching:
            await self.left()
            await self.channel_layer.group_discard(live.group(self.topic), self.channel_name)

    async def allowed(self, user: User) -> bool:
        """Say whether the person may watch; sets `topic`."""
        return False

    async def joined(self) -> None:
        """Tell what the page should show at once."""

    async def left(self) -> None:
        """Tell others that the person is gone."""

    async def show(self, template: str, **context: Any) -> None:
        """Send a fragment that replaces its element by id (htmx out-of-band swap)."""
        await self.send(text_data=await database_sync_to_async(render_to_string)(template, context))


class QueueWatch(_Watch):
    """Tells a queue page how many tasks wait. It never reorders a list someone is reading."""

    async def allowed(self, user: User) -> bool:
        """Let people watch the queues of agents they may see."""
        self.queue_id: UUID = self.scope["url_route"]["kwargs"]["queue_id"]
        self.topic = f"queue.{self.queue_id}"
        return bool(await database_sync_to_async(self._allowed)(user))

    def _allowed(self, user: User) -> bool:
        queue = Queue.objects.select_related("agent").filter(pk=self.queue_id).first()
        return queue is not None and access.can(user, "agents.view_agent", queue.agent)

    async def live_message(self, event: dict[str, Any]) -> None:
        """Send the new count."""
        waiting = await database_sync_to_async(queues.waiting)(self.queue_id)
        await self.show("corrections/_live_queue.html", waiting=waiting, event=event["payload"])


class TaskWatch(_Watch):
    """Tells a workbench who else looks at the case, and when the lease has gone."""

    async def allowed(self, user: User) -> bool:
        """Let people watch the tasks of agents they may see."""
        self.task_id: UUID = self.scope["url_route"]["kwargs"]["task_id"]
        self.topic = f"task.{self.task_id}"
        return bool(await database_sync_to_async(self._allowed)(user))

    def _allowed(self, user: User) -> bool:
        task = Task.objects.select_related("queue__agent").filter(pk=self.task_id).first()
        return task is not None and access.can(user, "agents.view_agent", task.queue.agent)

    async def joined(self) -> None:
        """Tell the others, and ask them who they are."""
        self.others: dict[str, tuple[int, str, str]] = {}
        await self._tell("here")

    async def left(self) -> None:
        """Tell the others."""
        await self._tell("gone")

    async def live_message(self, event: dict[str, Any]) -> None:
        """Send that the task changed hands; the page shows it and keeps what was typed."""
        await self.show("corrections/_live_task.html", event=event["payload"], now=clock.now())

    async def presence(self, event: dict[str, Any]) -> None:
        """Send who else is looking, when that changed. One person may have the case open more than once."""
        if event["person"] == self.user.pk:
            return
        before = set(self.others.values())
        if event["what"] == "gone":
            self.others.pop(event["channel"], None)
        else:
            self.others[event["channel"]] = (event["person"], event["name"], event["initials"])
        if (now := set(self.others.values())) != before:
            people = [{"name": name, "initials": initials} for _, name, initials in sorted(now)]
            await self.show("corrections/_live_presence.html", task_id=self.task_id, people=people)
        if event["what"] == "here":
            # Whoever just came does not know of us yet.
            await self._tell("also")

    async def _tell(self, what: str) -> None:
        message = {
            "type": "presence",
            "what": what,
            "channel": self.channel_name,
            "person": self.user.pk,
            "name": self.user.display_name,
            "initials": self.user.initials,
        }
        await self.channel_layer.group_send(live.group(self.topic), message)

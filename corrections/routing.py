"""Websocket addresses of the feedback plane, served by the live process."""

from django.urls import path

from corrections import consumers

websocket_urlpatterns = [
    path("ws/queues/<uuid:queue_id>/", consumers.QueueWatch.as_asgi()),
    path("ws/tasks/<uuid:task_id>/", consumers.TaskWatch.as_asgi()),
]

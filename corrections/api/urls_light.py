"""The addresses of the feedback plane that programs call for every case; see `reviewapp.core.web.light`."""

from django.urls import path

from corrections.api import light

urlpatterns = [
    path("api/v1/queues/<uuid:queue_id>/claim", light.claim),
    path("api/v1/tasks/<uuid:task_id>", light.task),
    path("api/v1/tasks/<uuid:task_id>/corrections", light.correct),
]

"""Addresses of the review pages."""

from django.urls import path

from corrections.views import (
    attachments,
    blind,
    calendars,
    capacity,
    carrying,
    deadlines,
    escalations,
    handing,
    home,
    preview,
    queue,
    queue_admin,
    routing,
    workbench,
)

app_name = "corrections"

urlpatterns = [
    path("", home.home, name="home"),
    path("start/", home.start, name="start"),
    path("queues/", queue_admin.listing, name="queue-admin"),
    path("queues/new/<slug:slug>/", queue_admin.make, name="queue-new"),
    path("queues/routing/<slug:slug>/", routing.book, name="routing"),
    path("queues/<uuid:queue_id>/settings/", queue_admin.settings, name="queue-settings"),
    path("queues/<uuid:queue_id>/pause", queue_admin.pause, name="queue-pause"),
    path("queues/<uuid:queue_id>/resume", queue_admin.resume, name="queue-resume"),
    path("queues/<uuid:queue_id>/", queue.queue, name="queue"),
    path("queues/<uuid:queue_id>/next", queue.claim_next, name="next"),
    path("queues/<uuid:queue_id>/deadlines/", deadlines.rules, name="deadlines"),
    path("tasks/<uuid:task_id>/", workbench.task, name="task"),
    path("tasks/<uuid:task_id>/claim", workbench.claim, name="claim"),
    path("tasks/<uuid:task_id>/form", workbench.form, name="form"),
    path("tasks/<uuid:task_id>/draft", workbench.draft, name="draft"),
    path("tasks/<uuid:task_id>/submit", workbench.submit, name="submit"),
    path("tasks/<uuid:task_id>/judgement", blind.judge, name="judge"),
    path("tasks/<uuid:task_id>/hold", workbench.hold, name="hold"),
    path("tasks/<uuid:task_id>/renew", workbench.renew, name="renew"),
    path("tasks/<uuid:task_id>/release", workbench.release, name="release"),
    path("tasks/<uuid:task_id>/hand-over", handing.hand_over, name="hand"),
    path("tasks/<uuid:task_id>/contract", carrying.contract, name="contract"),
    path("tasks/<uuid:task_id>/carry", carrying.carry, name="carry"),
    path("tasks/<uuid:task_id>/attachments", attachments.add, name="attach"),
    path("tasks/<uuid:task_id>/attachments/<uuid:attachment_id>/remove", attachments.remove, name="detach"),
    path("attachments/<uuid:attachment_id>/", attachments.content, name="attachment"),
    path("corrections/<uuid:correction_id>/undo", workbench.undo, name="undo"),
    path("queues/<uuid:queue_id>/capacity/", capacity.of_queue, name="capacity"),
    path("calendars/", calendars.listing, name="calendars"),
    path("calendars/new/<slug:slug>/", calendars.new, name="calendar-new"),
    path("calendars/<uuid:calendar_id>/", calendars.edit, name="calendar"),
    path("escalations/", escalations.inbox, name="escalations"),
    path("escalations/<uuid:escalation_id>/", escalations.escalation, name="escalation"),
    path("escalations/<uuid:escalation_id>/preview/", preview.preview, name="preview"),
]

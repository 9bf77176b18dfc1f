"""Addresses of the feedback plane's API."""

from django.urls import path

from corrections.api import attachments, calendars, escalations, handing, queue_admin, queues, routing, searching, tasks

urlpatterns = [
    path("search", searching.search, name="api-search"),
    path("search/export", searching.export, name="api-search-export"),
    path("search/views", searching.views, name="api-search-views"),
    path("search/views/<uuid:view_id>", searching.view, name="api-search-view"),
    path("queues", queues.queues, name="api-queues"),
    path("queues/<uuid:queue_id>", queue_admin.queue, name="api-queue"),
    path("queues/<uuid:queue_id>/weights", queue_admin.weights, name="api-queue-weights"),
    path("queues/<uuid:queue_id>/pause", queue_admin.pause, name="api-queue-pause"),
    path("queues/<uuid:queue_id>/resume", queue_admin.resume, name="api-queue-resume"),
    path("agents/<slug:agent>/routing", routing.routed, name="api-routing"),
    path("agents/<slug:agent>/routing/trial", routing.trial, name="api-routing-trial"),
    path("agents/<slug:agent>/queues", queue_admin.make, name="api-queue-make"),
    path("queues/<uuid:queue_id>/claim", queues.claim, name="api-claim"),
    path("queues/<uuid:queue_id>/tasks", queues.open_tasks, name="api-queue-tasks"),
    path("tasks/<uuid:task_id>", tasks.task, name="api-task"),
    path("tasks/<uuid:task_id>/claim", tasks.claim, name="api-task-claim"),
    path("tasks/<uuid:task_id>/renew", tasks.renew, name="api-renew"),
    path("tasks/<uuid:task_id>/release", tasks.release, name="api-release"),
    path("tasks/<uuid:task_id>/colleagues", handing.colleagues, name="api-colleagues"),
    path("tasks/<uuid:task_id>/hand-over", handing.hand_over, name="api-hand-over"),
    path("tasks/<uuid:task_id>/draft", tasks.draft, name="api-draft"),
    path("tasks/<uuid:task_id>/judgement", tasks.judge_first, name="api-judge-first"),
    path("tasks/<uuid:task_id>/corrections", tasks.correct, name="api-correct"),
    path("tasks/<uuid:task_id>/attachments", attachments.of_task, name="api-attachments"),
    path("tasks/<uuid:task_id>/attachments/<uuid:attachment_id>", attachments.one, name="api-attachment"),
    path("attachments/<uuid:attachment_id>/content", attachments.content, name="api-attachment-content"),
    path("corrections/<uuid:correction_id>/recall", tasks.recall, name="api-recall"),
    path("corrections", tasks.mine, name="api-my-corrections"),
    path("decisions/<uuid:decision_id>/corrections", tasks.of_decision, name="api-decision-corrections"),
    path("escalations", escalations.escalations, name="api-escalations"),
    path("escalations/<uuid:escalation_id>/decision", escalations.decide, name="api-escalation-decide"),
    path("agents/<slug:agent>/calendars", calendars.of_agent, name="api-calendars"),
    path("agents/<slug:agent>/calendars/<slug:calendar>", calendars.one, name="api-calendar"),
    path("escalations/<uuid:escalation_id>/preview", escalations.preview, name="api-escalation-preview"),
    path("agents/<slug:agent>/reasons", queues.reason_counts, name="api-reasons"),
    path("agents/<slug:agent>/consensus", queues.consensus_counts, name="api-consensus"),
]

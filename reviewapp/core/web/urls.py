"""Addresses of the shell."""

from django.urls import path

from reviewapp.core.web import help as help_pages
from reviewapp.core.web import notices, views

urlpatterns = [
    path("palette/", views.search, name="palette"),
    path("preferences/", views.preferences, name="preferences"),
    path("shortcuts/", views.shortcuts, name="shortcuts"),
    path("help/", help_pages.index, name="help"),
    path("help/<slug:topic>/", help_pages.page, name="help-page"),
    path("tour/", help_pages.tour, name="tour"),
    path("notices/", notices.notices, name="notices"),
    path("notices/bell/", notices.bell, name="notices-bell"),
    path("notices/read/", notices.read_all, name="notices-read"),
    path("notices/wishes/", notices.wishes, name="notices-wishes"),
    path("notices/snooze/", notices.snooze, name="notices-snooze"),
    path("notices/chat/", notices.chat, name="notices-chat"),
    path("notices/chat/test/", notices.test_chat, name="notices-chat-test"),
    path("notices/<uuid:notice_id>/", notices.open_notice, name="notice"),
    path("components/", views.components, name="components"),
]

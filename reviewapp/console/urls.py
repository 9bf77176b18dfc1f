"""Addresses of the pages that look across all planes."""

from django.urls import path

from reviewapp.console import incident_views, menu, views

app_name = "console"

urlpatterns = [
    path("operations/", views.operations, name="operations"),
    path("incidents/", incident_views.listing, name="incidents"),
    path("incidents/declare/", incident_views.declare, name="incident-declare"),
    path("incidents/<int:number>/contain/", incident_views.contain, name="incident-contain"),
    path("incidents/<int:number>/actions/", incident_views.plan, name="incident-plan"),
    path("incidents/<int:number>/actions/<uuid:action_id>/done/", incident_views.finish, name="incident-finish"),
    path("incidents/<int:number>/", incident_views.detail, name="incident"),
    path("incidents/<int:number>/acknowledge/", incident_views.acknowledge, name="incident-acknowledge"),
    path("incidents/<int:number>/take/", incident_views.take, name="incident-take"),
    path("incidents/<int:number>/note/", incident_views.note, name="incident-note"),
    path("incidents/<int:number>/resolve/", incident_views.resolve, name="incident-resolve"),
]

__all__ = ["menu", "urlpatterns"]

"""Addresses of this part of the API, below /api/v1/."""

from django.urls import path

from reviewapp.console.api import views

urlpatterns = [
    path("incidents", views.Incidents.as_view(), name="api-incidents"),
    path("incidents/<int:number>", views.IncidentDetail.as_view(), name="api-incident"),
    path("incidents/<int:number>/acknowledge", views.Acknowledge.as_view(), name="api-incident-acknowledge"),
    path("incidents/<int:number>/take", views.Take.as_view(), name="api-incident-take"),
    path("incidents/<int:number>/notes", views.Notes.as_view(), name="api-incident-note"),
    path("incidents/<int:number>/contain", views.Contain.as_view(), name="api-incident-contain"),
    path("incidents/<int:number>/actions", views.Actions.as_view(), name="api-incident-actions"),
    path("incidents/<int:number>/actions/<uuid:action_id>/finish", views.Finish.as_view(), name="api-incident-finish"),
    path("incidents/<int:number>/resolve", views.Resolve.as_view(), name="api-incident-resolve"),
]

"""Addresses of the review pages."""

app_name = "corrections"
urlpatterns = []

"""The web process's and the live process's addresses at once, for a product in one process."""

from reviewapp import urls, urls_live

handler404 = urls_live.handler404
handler500 = urls_live.handler500

urlpatterns = [*urls.urlpatterns, *urls_live.urlpatterns]

"""Sign-in is the rule; what is public is listed."""

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse

# API and health answer for themselves (keys, problem+json); the account pages are how one signs in.
_OPEN = (
    "/accounts/login/",
    "/accounts/2fa/authenticate/",
    "/accounts/signup/",
    "/accounts/inactive/",
    "/accounts/password/reset/",
    "/healthz",
    "/api/v1/",
    "/static/",
)


class RequireSignIn:
    """Sends whoever is not signed in to the sign-in page; fragments get 401 and the page reloads."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Keep the next step."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Let open addresses and signed-in people pass."""
        if request.path.startswith(_OPEN):
            return self.get_response(request)
        if request.user.is_authenticated:
            response = self.get_response(request)
            # Cases must not be read back out of a browser's store after signing out on a shared machine.
            response.headers.setdefault("Cache-Control", "private, no-store")
            return response
        if request.headers.get("HX-Request") == "true":
            return HttpResponse(status=401, headers={"HX-Refresh": "true"})
        return redirect_to_login(request.get_full_path(), login_url=settings.LOGIN_URL)

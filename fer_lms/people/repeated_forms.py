"""Forms that are executed once, however often they are submitted.

Django renders another CSRF token into every page, so that the token and what was filled in identify
one press of a form's button. The response of the first submission is stored with its writes, in one
transaction, and returned to every repetition. Requests with `Idempotency-Key` are handled in
`fer_lms.api.idempotency`.

A response with the attribute `repetition` (another response) is not stored: the other one is, and
returned to repetitions. Views that show a secret once set it.
"""

import hashlib
import json
from collections.abc import Callable
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.deprecation import MiddlewareMixin

from fer_lms.people.models import RequestKey, User

View = Callable[..., HttpResponseBase]
TOKEN_FIELD = "csrfmiddlewaretoken"  # noqa: S105 - the name of a field
EXCLUDED_PATHS = ("/admin/", "/api/")
MAX_STORED_CHARACTERS = 256 * 1024


class RepeatedFormMiddleware(MiddlewareMixin):
    """Executes each submitted form of a signed-in person once; last of the middlewares."""

    def process_view(
        self, request: HttpRequest, view: View, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponseBase | None:
        if request.path_info.startswith(EXCLUDED_PATHS) or not isinstance(request.user, User):
            return None
        if request.method != "POST" or not request.POST.get(TOKEN_FIELD):
            return None
        fields: dict[str, Any] = {"user": request.user, "key": _compute_key(request)}
        address = hashlib.sha256(f"form {request.get_full_path()}".encode()).hexdigest()
        if request.FILES:  # read for seconds, while nobody else could write
            if earlier := RequestKey.objects.filter(**fields).first():
                return _replay(earlier)
            response = view(request, *args, **kwargs)
            _store(RequestKey.objects.get_or_create(**fields, request=address)[0], response)
            return response
        with transaction.atomic():
            # A concurrent repetition waits here until the first one is committed.
            row, is_new = RequestKey.objects.get_or_create(**fields, defaults={"request": address})
            if not is_new:
                return _replay(row)
            response = view(request, *args, **kwargs)
            _store(row, response)
            return response


def _compute_key(request: HttpRequest) -> str:
    """Compute the key of one press: the page it was made on, and everything filled in there."""
    digest = hashlib.sha256(request.get_full_path().encode())
    digest.update(json.dumps(sorted(request.POST.lists())).encode())
    for name, file in request.FILES.items():
        if isinstance(file, UploadedFile):
            digest.update(f"{name} {file.name} {file.size}".encode())
            for chunk in file.chunks():
                digest.update(chunk)
            file.seek(0)
    return digest.hexdigest()


def _store(row: RequestKey, response: HttpResponseBase) -> None:
    """Store a successful response; forget the key of any other, which wrote nothing."""
    repetition: HttpResponseBase | None = getattr(response, "repetition", None)
    response = repetition or response
    if callable(getattr(response, "render", None)):
        response = response.render()  # type: ignore[attr-defined]
    # The person, and the row with them, may have been deleted by the view.
    rows = RequestKey.objects.filter(pk=row.pk)
    if not isinstance(response, HttpResponse) or response.status_code >= 400:
        rows.delete()
        return
    # Policies for the page are attributes, from which later middlewares write headers.
    attributes = {name: value for name, value in vars(response).items() if name.startswith("_csp_")}
    attributes["xframe_options_exempt"] = getattr(response, "xframe_options_exempt", False)
    stored = json.dumps(
        {
            "body": response.content.decode(),
            "headers": dict(response.headers),
            "attributes": attributes,
        },
        default=list,
    )
    if len(stored) <= MAX_STORED_CHARACTERS:
        rows.update(status=response.status_code, body=stored)
    else:
        rows.delete()


def _replay(row: RequestKey) -> HttpResponse:
    stored = json.loads(row.body)
    response = HttpResponse(stored["body"], status=row.status, headers=stored["headers"])
    for name, value in stored["attributes"].items():
        setattr(response, name, value)
    return response

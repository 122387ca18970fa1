"""Requests that are executed once, however often they arrive (header `Idempotency-Key`).

Semantics of the IETF draft "The Idempotency-Key HTTP Header Field": the first response that reports
success is stored with the write, in one transaction, and returned to every repetition. Refused
requests wrote nothing and are executed again.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any, cast

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.urls import URLPattern, URLResolver

from fer_lms.people.models import RequestKey, User

View = Callable[..., HttpResponseBase]
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
KEY = re.compile(r"[\x21-\x7e]{1,64}")
MAX_STORED_CHARACTERS = 256 * 1024


def run_writes_once(patterns: Iterable[URLPattern | URLResolver]) -> None:
    """Let every view of these routes honour `Idempotency-Key`."""
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            run_writes_once(pattern.url_patterns)
        else:
            pattern.callback = _run_once(pattern.callback)


def store_response(request: HttpRequest, response: HttpResponseBase) -> None:
    """Store a response in the transaction of the view, where the view opens its own.

    Such a view has the attribute `stores_response`: it works for seconds before it writes, and
    nobody else could write meanwhile.
    """
    if key := getattr(request, "idempotency_key", None):
        user = cast(User, request.user)
        row, _ = RequestKey.objects.get_or_create(user=user, **key)
        _fill(row, response)


def _run_once(view: View) -> View:
    @wraps(view)
    def run(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        key = request.headers.get("Idempotency-Key")
        if key is None or request.method in SAFE_METHODS or not request.user.is_authenticated:
            return view(request, *args, **kwargs)
        if not KEY.fullmatch(key):
            return _refuse(400, "invalid_idempotency_key", "Idempotency-Key: 1 to 64 characters.")
        fields = {"key": key, "request": _digest(request)}
        if getattr(getattr(view, "cls", None), "stores_response", False):
            request.idempotency_key = fields  # type: ignore[attr-defined]
            earlier = RequestKey.objects.filter(user=request.user, key=key).first()
            return _replay(earlier, fields) if earlier else view(request, *args, **kwargs)
        with transaction.atomic():
            # A concurrent repetition waits here until the first one is committed.
            row, is_new = RequestKey.objects.get_or_create(
                user=request.user, key=key, defaults=fields
            )
            if not is_new:
                return _replay(row, fields)
            response = view(request, *args, **kwargs)
            _fill(row, response)
            return response

    return run


def _digest(request: HttpRequest) -> str:
    return hashlib.sha256(f"{request.method} {request.get_full_path()}".encode()).hexdigest()


def _fill(row: RequestKey, response: HttpResponseBase) -> None:
    """Store a successful response; forget the key of any other."""
    if callable(getattr(response, "render", None)):
        response = response.render()  # type: ignore[attr-defined]
    is_success = 200 <= response.status_code < 300
    body = response.content.decode() if isinstance(response, HttpResponse) and is_success else ""
    if is_success and len(body) <= MAX_STORED_CHARACTERS:
        row.status, row.body = response.status_code, body
        row.save(update_fields=["status", "body"])
    else:
        row.delete()


def _replay(row: RequestKey, fields: dict[str, str]) -> HttpResponse:
    if row.request != fields["request"]:
        return _refuse(422, "idempotency_key_reused", "This key belongs to another request.")
    if not row.body:
        return HttpResponse(status=row.status)
    return JsonResponse(json.loads(row.body), status=row.status, safe=False)


def _refuse(status: int, reason: str, detail: str) -> HttpResponse:
    return JsonResponse({"detail": detail, "reason": reason}, status=status)

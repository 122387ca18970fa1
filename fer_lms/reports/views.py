import uuid
from typing import cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_GET

from fer_lms.lessons.access import get_taught_session
from fer_lms.lessons.statements import to_xapi_session
from fer_lms.people.models import User
from fer_lms.policy.queries import get_min_group_size
from fer_lms.xapi.actions import queue_report_opened


@require_GET
@ensure_csrf_cookie
def report(request: HttpRequest, session_id: uuid.UUID) -> HttpResponse:
    """Show the report of a session to its teacher."""
    session = get_taught_session(user=request.user, session_id=session_id)
    queue_report_opened(user=cast(User, request.user), session=to_xapi_session(session))
    context = {"session": session, "min_group_size": get_min_group_size()}
    return render(request, "reports/report.html", context)


@require_GET
@ensure_csrf_cookie
def live_view(request: HttpRequest, session_id: uuid.UUID) -> HttpResponse:
    """Show where the class is, for a second screen; to the session's teacher."""
    session = get_taught_session(user=request.user, session_id=session_id)
    context = {"session": session, "min_group_size": get_min_group_size()}
    return render(request, "reports/live.html", context)

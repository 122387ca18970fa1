"""A teacher's page with the state of a course's roster."""

from datetime import timedelta
from enum import StrEnum

from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_http_methods

from fer_lms.lessons.access import RequestUser, list_taught_courses
from fer_lms.lessons.models import Enrolment, Role
from fer_lms.lti.launch.sessions import get_session_launch
from fer_lms.lti.models import LtiContext
from fer_lms.lti.services.rosters import request_roster_sync

MIN_SYNC_INTERVAL = timedelta(minutes=1)
"""Minimum time between two manual synchronisations of a roster."""


class RosterState(StrEnum):
    """What the page shows; exactly one at a time."""

    NOT_OFFERED = "not_offered"
    WAITING = "waiting"
    """The first synchronisation has not run yet."""
    CURRENT = "current"
    NEVER_FETCHED = "never_fetched"
    """Every synchronisation so far has failed."""
    OUTDATED = "outdated"
    """The last synchronisation failed; the list is that of an earlier one."""


@require_http_methods(["GET", "POST"])
@never_cache
@ensure_csrf_cookie
def roster(request: HttpRequest) -> HttpResponse:
    """Show, or request to synchronise, the roster of the launched course; without names."""
    launch = get_session_launch(request.session)
    context_id = launch.context_id if launch else None
    context = get_taught_context(user=request.user, context_id=context_id)
    if request.method == "POST":
        if can_request_sync(context):
            request_roster_sync(context=context)
        return redirect("lti-roster")
    enrolments = Enrolment.objects.filter(course=context.course, active=True).values_list("role")
    counts = dict(enrolments.annotate(Count("pk")))
    page = {
        "context": context,
        "students": counts.get(Role.STUDENT, 0),
        "teachers": counts.get(Role.TEACHER, 0),
        "state": get_roster_state(context),
        "can_request_sync": can_request_sync(context),
        "is_sync_pending": is_sync_pending(context),
    }
    return render(request, "lti/roster.html", page)


def get_taught_context(*, user: RequestUser, context_id: int | None) -> LtiContext:
    """Return a course that this user teaches. Raises Http404 otherwise."""
    contexts = LtiContext.objects.filter(course__in=list_taught_courses(user=user))
    context = contexts.select_related("course").filter(pk=context_id or 0).first()
    if context is None:
        raise Http404(gettext("There is no such course for you."))
    return context


def get_roster_state(context: LtiContext) -> RosterState:
    if not context.memberships_url:
        return RosterState.NOT_OFFERED
    if context.roster_error:
        has_list = context.roster_synced_at is not None
        return RosterState.OUTDATED if has_list else RosterState.NEVER_FETCHED
    return RosterState.CURRENT if context.roster_synced_at else RosterState.WAITING


def is_sync_pending(context: LtiContext) -> bool:
    return context.roster_due_at is not None and context.roster_due_at <= timezone.now()


def can_request_sync(context: LtiContext) -> bool:
    synced_at = context.roster_synced_at
    is_too_soon = synced_at is not None and synced_at > timezone.now() - MIN_SYNC_INTERVAL
    return bool(context.memberships_url) and not is_too_soon and not is_sync_pending(context)

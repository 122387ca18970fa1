"""A teacher's page about who is in the course: how many, since when, and "ask again"."""

from datetime import timedelta

from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_http_methods

from fer_lms.lessons.access import RequestUser
from fer_lms.lessons.models import Enrolment, Role
from fer_lms.lti.launch.sessions import remembered_launch
from fer_lms.lti.models import LtiContext
from fer_lms.lti.services.rosters import ask_for_roster

NOT_SOONER = timedelta(minutes=1)


@require_http_methods(["GET", "POST"])
@never_cache
@ensure_csrf_cookie
def roster(request: HttpRequest) -> HttpResponse:
    """The course that this session was launched in. No names: nothing here needs them."""
    launch = remembered_launch(request.session)
    context_id = launch.context_id if launch else None
    context = context_for_teacher(user=request.user, context_id=context_id)
    if request.method == "POST":
        if may_ask(context):
            ask_for_roster(context=context)  # synchronised within half a minute
        return redirect("lti-roster")
    counts = Enrolment.objects.filter(course=context.course, active=True).values_list("role")
    by_role = dict(counts.annotate(Count("pk")))
    page = {
        "context": context,
        "students": by_role.get(Role.STUDENT, 0),
        "teachers": by_role.get(Role.TEACHER, 0),
        "may_ask": may_ask(context),
        "waiting": is_waiting(context),
    }
    return render(request, "lti/roster.html", page)


def context_for_teacher(*, user: RequestUser, context_id: int | None) -> LtiContext:
    """A course of a platform that this person teaches now; otherwise 404."""
    found = LtiContext.objects.select_related("course").filter(
        pk=context_id or 0,
        course__enrolments__user_id=user.pk or 0,
        course__enrolments__role=Role.TEACHER,
        course__enrolments__active=True,
    )
    context = found.first()
    if context is None:
        raise Http404(gettext("There is no such course for you."))
    return context


def is_waiting(context: LtiContext) -> bool:
    return context.roster_due_at is not None and context.roster_due_at <= timezone.now()


def may_ask(context: LtiContext) -> bool:
    """Once a minute is enough."""
    recent = timezone.now() - NOT_SOONER
    synced = context.roster_synced_at
    too_soon = synced is not None and synced > recent
    return bool(context.memberships_url) and not too_soon and not is_waiting(context)

"""API tokens: one course, stated scopes, never more than the maker may, and their end."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.urls import get_resolver
from django.utils import timezone

from fer_lms.api import authentication
from fer_lms.api.authentication import MAX_INVALID_TOKENS
from fer_lms.audit.models import AuditEvent
from fer_lms.integrations import tokens
from fer_lms.integrations.models import ApiToken
from fer_lms.integrations.tokens import Scope, create_token, list_ended_access
from fer_lms.lessons.actions import end_session
from fer_lms.lessons.models import Enrolment, LessonSession
from fer_lms.people.login_limits import AttemptCounter
from fer_lms.people.models import User
from fer_lms.reports.actions import freeze_report
from fer_lms.rights.retention import purge_expired
from tests.access.actors import Actor
from tests.access.matrix import MATRIX
from tests.access.routes import METHODS, all_routes
from tests.factories import make_session, make_teacher

pytestmark = pytest.mark.django_db
SESSION = "api/v1/sessions/<uuid:session_id>/"
SCOPES = {
    "api/v1/courses/": Scope.LESSONS,
    "api/v1/lessons/": Scope.LESSONS,
    "api/v1/lessons/<int:lesson_id>/": Scope.LESSONS,
    "api/v1/lessons/<int:lesson_id>/export": Scope.LESSONS,
    SESSION: Scope.LESSONS,
    SESSION + "report": Scope.REPORTS,
    SESSION + "report.csv": Scope.REPORTS,
    SESSION + "report.json": Scope.REPORTS,
    SESSION + "report.pdf": Scope.REPORTS,
    SESSION + "report.xlsx": Scope.REPORTS,
}
"""Scope of the GET of every route that accepts tokens; all other operations refuse them."""


@pytest.fixture(autouse=True)
def counter(monkeypatch: pytest.MonkeyPatch) -> AttemptCounter:
    fresh = AttemptCounter()
    monkeypatch.setattr(authentication, "requests", fresh)
    return fresh


@pytest.fixture
def teacher(session: LessonSession) -> User:
    return make_teacher(session).user


def make_token(teacher: User, session: LessonSession, *scopes: str, days: int = 30) -> str:
    course = session.lesson.course
    scopes = scopes or tuple(Scope.values)
    return create_token(maker=teacher, course=course, name="Sheet", scopes=scopes, days=days)


def get(value: str, path: str = "/api/v1/lessons/", **headers: str) -> Any:
    return Client().get(path, headers={"Authorization": f"Bearer {value}", **headers})


def report_path(session: LessonSession) -> str:
    return f"/api/v1/sessions/{session.pk}/report"


def list_operations() -> Iterator[tuple[str, str, Any]]:
    """Return (path, method, view class) of every REST operation."""
    for path, view in _list_views(get_resolver(), ""):
        cls = getattr(view, "cls", None)
        if path.startswith("api/v1/") and cls is not None:
            yield from ((path, m, cls) for m in METHODS if hasattr(cls, m.lower()))


def _list_views(resolver: Any, prefix: str) -> Iterator[tuple[str, Any]]:
    for pattern in resolver.url_patterns:
        path = prefix + str(pattern.pattern)
        if hasattr(pattern, "url_patterns"):
            yield from _list_views(pattern, path)
        else:
            yield path, pattern.callback


def test_every_operation_states_its_scope_or_refuses_tokens() -> None:
    operations = list(list_operations())
    assert len(operations) > 60
    stated = {
        (path, method): scope
        for path, method, view in operations
        if (scope := authentication.get_token_scope(view, method)) is not None
    }
    assert stated == {(path, "GET"): scope for path, scope in SCOPES.items()}
    accepting = {path for path, row in MATRIX.items() if Actor.TOKEN in row.get("GET", ())}
    rest = {path for path in accepting if path.startswith("api/v1/")}
    assert rest == SCOPES.keys()


@pytest.mark.parametrize("path", SCOPES)
def test_only_the_scope_of_an_operation_opens_it(
    session: LessonSession, teacher: User, path: str
) -> None:
    route = next(route for route in all_routes("fer_lms.urls") if route.path == path)
    address = route.address({"session_id": session.pk, "lesson_id": session.lesson_id})
    for scope in Scope:
        answer = get(make_token(teacher, session, scope), address)
        if scope == SCOPES[path]:
            assert answer.status_code == 200
        else:
            assert (answer.status_code, answer.json()["reason"]) == (403, "scope_missing")


def test_a_token_sees_its_course_only(session: LessonSession, teacher: User) -> None:
    other = make_session()
    Enrolment.objects.create(user=teacher, course=other.lesson.course, role="teacher")
    value = make_token(teacher, session)
    assert [row["id"] for row in get(value).json()] == [session.lesson_id]
    assert [row["id"] for row in get(value, "/api/v1/courses/").json()] == [
        session.lesson.course_id
    ]
    assert get(value, report_path(session)).status_code == 200
    assert get(value, report_path(other)).status_code == 404
    assert get(value, f"/api/v1/sessions/{other.pk}/").status_code == 404


def test_a_finding_of_a_report_needs_the_scope_of_reports(
    session: LessonSession, teacher: User
) -> None:
    end_session(session=session)
    assert freeze_report(session=session)
    findings = {
        scopes: get(make_token(teacher, session, *scopes)).json()[0]["sessions"][0]["finding"]
        for scopes in ((Scope.LESSONS,), (Scope.LESSONS, Scope.REPORTS))
    }
    assert findings[Scope.LESSONS,] is None
    assert findings[Scope.LESSONS, Scope.REPORTS]


@pytest.mark.parametrize(
    "change",
    [
        lambda user: Enrolment.objects.filter(user=user).update(active=False),
        lambda user: Enrolment.objects.filter(user=user).update(role="student"),
        lambda user: User.objects.filter(pk=user.pk).update(is_active=False),
        lambda user: User.objects.filter(pk=user.pk).update(access_suspended=True),
        lambda user: ApiToken.objects.update(expires_at=timezone.now()),
        lambda user: [tokens.revoke_token(token=t, actor=user) for t in ApiToken.objects.all()],
    ],
    ids=["left the course", "teaches no more", "inactive", "suspended", "expired", "revoked"],
)
def test_a_token_ends_with_the_right_of_its_maker(
    session: LessonSession, teacher: User, change: Any
) -> None:
    value = make_token(teacher, session)
    assert get(value).status_code == 200
    change(teacher)
    answer = get(value)
    assert (answer.status_code, answer.json()["reason"]) == (401, "invalid_token")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_the_value_is_stored_nowhere(session: LessonSession, teacher: User) -> None:
    value = make_token(teacher, session)
    get(value)
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            assert value.removeprefix("fer_") not in repr(cursor.fetchall())
    made = AuditEvent.objects.get(action="api_token.made")
    assert made.details["scopes"] == "lessons.read+reports.read"


def test_a_token_is_not_mixed_with_a_signed_in_person(
    session: LessonSession, teacher: User
) -> None:
    """The cookie of a browser gives a token no more than it has."""
    client = Client()
    client.force_login(teacher)
    value = make_token(teacher, session, Scope.LESSONS)
    headers = {"Authorization": f"Bearer {value}"}
    assert client.get(report_path(session), headers=headers).status_code == 403
    assert client.post(f"/api/v1/sessions/{session.pk}/end", headers=headers).status_code == 403
    assert (
        client.get(report_path(session), headers={"Authorization": "Bearer no"}).status_code == 401
    )


def test_use_is_stored_and_limited(
    session: LessonSession, teacher: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    value = make_token(teacher, session)
    assert ApiToken.objects.get().used_at is None
    monkeypatch.setattr(authentication, "MAX_REQUESTS", 3)
    assert [get(value).status_code for _ in range(4)] == [200, 200, 200, 429]
    assert get(value).headers["Retry-After"] == "900"
    assert ApiToken.objects.get().used_at is not None
    assert get(make_token(teacher, session)).status_code == 200  # each has its own limit


def test_wrong_tokens_of_one_address_are_limited() -> None:
    answers = [get(f"fer_{number}").status_code for number in range(MAX_INVALID_TOKENS + 1)]
    assert answers == [401] * MAX_INVALID_TOKENS + [429]


def test_the_purge_deletes_what_has_ended(session: LessonSession, teacher: User) -> None:
    make_token(teacher, session, days=30)
    now = timezone.now()
    purge_expired(now=now + timedelta(days=59))
    assert ApiToken.objects.exists()
    purge_expired(now=now + timedelta(days=61))
    assert not ApiToken.objects.exists()
    make_token(teacher, session)
    Enrolment.objects.update(active=False)
    assert [rows.count() for rows in list_ended_access(now)] == [1, 0]


def test_a_person_has_a_limited_number(
    session: LessonSession, teacher: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tokens, "MAX_TOKENS", 1)
    make_token(teacher, session)
    with pytest.raises(tokens.TooManyTokens):
        make_token(teacher, session)


def test_a_refused_token_reads_nothing(session: LessonSession, teacher: User) -> None:
    """Everything that a teacher may read in a browser and that names students is refused."""
    value = make_token(teacher, session)
    for path in (
        f"/api/v1/lessons/{session.lesson_id}/groups/",
        f"/api/v1/lessons/{session.lesson_id}/rules/",
        f"/api/v1/sessions/{session.pk}/teacher-notifications",
        "/api/v1/me/profile",
    ):
        answer: HttpResponse = get(value, path)
        assert answer.status_code == 403, path
        assert b"token_not_accepted" in answer.content

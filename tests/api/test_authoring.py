"""Authoring of lessons by their teachers."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from fer_lms.api.authoring import views as authoring_views
from fer_lms.lessons.models import Lesson, Step, StepHint
from tests.factories import make_learner, make_lesson, make_session, make_teacher_of
from tests.lessons.pictures import photograph

pytestmark = pytest.mark.django_db
JSON = "application/json"
CONTENT: dict[str, Any] = {
    "title": "Halves",
    "body": "What is *half*?",
    "question": {"kind": "number", "prompt": "Half of 3?", "number": 1.5},
    "hints": [
        {"level": "nudge", "text": "Draw it."},
        {"level": "worked_example", "text": "1 + 1/2"},
    ],
}
ONE_CHOICE = [{"text": "one", "right": True}]


@pytest.fixture
def lesson() -> Lesson:
    return make_lesson(steps=3)


@pytest.fixture
def author(client: Client, lesson: Lesson) -> Client:
    client.force_login(make_teacher_of(lesson))
    return client


def put_picture(client: Client, step: Step, data: bytes, **fields: str) -> Any:
    form = {"file": SimpleUploadedFile("bar.jpg", data)} | fields
    return client.put(
        f"/api/v1/steps/{step.pk}/picture", encode_multipart(BOUNDARY, form), MULTIPART_CONTENT
    )


def test_saved_step_can_be_read(author: Client, lesson: Lesson) -> None:
    step = lesson.steps.get(position=2)
    written = author.put(f"/api/v1/steps/{step.pk}/", CONTENT | {"revision": 0}, JSON)
    assert written.status_code == 200, written.json()
    source = author.get(f"/api/v1/lessons/{lesson.pk}/").json()["steps"][1]
    assert (source["body"], source["revision"]) == ("What is *half*?", 1)
    assert source["question"]["number"] == 1.5
    assert [hint["level"] for hint in source["hints"]] == ["nudge", "worked_example"]


def test_unchanged_hint_keeps_its_row(author: Client, lesson: Lesson) -> None:
    step = lesson.steps.get(position=1)
    author.put(f"/api/v1/steps/{step.pk}/", CONTENT | {"revision": 0}, JSON)
    nudge = StepHint.objects.get(step=step, level=1)
    fewer = CONTENT | {"revision": 1, "hints": [{"level": "nudge", "text": "Draw a bar."}]}
    author.put(f"/api/v1/steps/{step.pk}/", fewer, JSON)
    assert list(step.hints.values_list("pk", "text")) == [(nudge.pk, "Draw a bar.")]


def test_stale_revision_is_a_conflict(author: Client, lesson: Lesson) -> None:
    step = lesson.steps.get(position=1)
    author.put(f"/api/v1/steps/{step.pk}/", CONTENT | {"revision": 0}, JSON)
    second = author.put(f"/api/v1/steps/{step.pk}/", CONTENT | {"revision": 0, "body": "x"}, JSON)
    assert (second.status_code, second.json()["reason"]) == (409, "conflict")
    assert second.json()["current"]["body"] == "What is *half*?"
    step.refresh_from_db()
    assert step.body == "What is *half*?"


def test_fields_left_out_keep_their_value(author: Client, lesson: Lesson) -> None:
    path = f"/api/v1/lessons/{lesson.pk}/"
    author.put(path, {"title": "Halves", "summary": "All about halves", "minutes": 7}, JSON)
    renamed = author.put(path, {"title": "Thirds"}, JSON).json()
    assert (renamed["title"], renamed["summary"], renamed["minutes"]) == (
        "Thirds",
        "All about halves",
        7,
    )
    step = f"/api/v1/steps/{lesson.steps.get(position=1).pk}/"
    author.put(step, CONTENT | {"revision": 0}, JSON)
    short = author.put(step, {"title": "Short", "revision": 1}, JSON).json()
    assert (short["body"], len(short["hints"])) == ("What is *half*?", 2)
    assert short["question"]["number"] == 1.5


def test_two_teachers_change_title_and_order(author: Client, lesson: Lesson) -> None:
    path = f"/api/v1/lessons/{lesson.pk}/"
    shown = author.get(path).json()
    mine = {"title": "Mine", "revision": shown["revision"]}
    assert author.put(path, mine, JSON).status_code == 200
    second = author.put(path, {"title": "Hers", "revision": shown["revision"]}, JSON)
    assert (second.status_code, second.json()["current"]["title"]) == (409, "Mine")
    order = [step["id"] for step in shown["steps"]]
    turned = {"steps": order[::-1], "base": order}
    assert author.put(path + "steps/", turned, JSON).status_code == 204
    assert author.put(path + "steps/", turned, JSON).status_code == 409


@pytest.mark.parametrize(
    "wrong",
    [
        {"title": ""},
        {"question": {"kind": "number", "prompt": "?"}},
        {"question": {"kind": "text", "prompt": "?", "accepted": []}},
        {
            "question": {
                "kind": "choice",
                "prompt": "?",
                "choices": [{"text": "one", "right": True}],
            }
        },
        {"embed": {"url": "javascript:alert(1)", "title": "x"}},
        {"hints": [{"level": "shove", "text": "x"}]},
    ],
)
def test_invalid_step_changes_nothing(author: Client, lesson: Lesson, wrong: Any) -> None:
    step = lesson.steps.get(position=1)
    answer = author.put(f"/api/v1/steps/{step.pk}/", CONTENT | {"revision": 0} | wrong, JSON)
    assert (answer.status_code, answer.json()["reason"]) == (400, "invalid")
    step.refresh_from_db()
    assert (step.title, step.revision) == ("Part 1", 0)


def test_steps_are_added_moved_and_deleted(author: Client, lesson: Lesson) -> None:
    path = f"/api/v1/lessons/{lesson.pk}/steps/"
    new = author.post(path, {"title": "Part 4"}, JSON).json()["id"]
    order = [new, *lesson.steps.exclude(pk=new).values_list("pk", flat=True)]
    assert author.put(path, {"steps": order}, JSON).status_code == 204
    assert author.delete(f"/api/v1/steps/{order[1]}/").status_code == 204
    steps = [(step.position, step.title) for step in lesson.steps.all()]
    assert steps == [(1, "Part 4"), (2, "Part 2"), (3, "Part 3")]


def test_order_with_other_steps_is_a_conflict(author: Client, lesson: Lesson) -> None:
    order = list(lesson.steps.values_list("pk", flat=True))[:2]
    answer = author.put(f"/api/v1/lessons/{lesson.pk}/steps/", {"steps": order}, JSON)
    assert answer.status_code == 409


def test_picture_needs_alternative_text_and_is_served_to_members(
    author: Client, lesson: Lesson, client: Client
) -> None:
    step = lesson.steps.get(position=1)
    assert put_picture(author, step, photograph()).status_code == 400
    stored = put_picture(author, step, photograph(), alternative_text="A bar in two halves")
    assert stored.json()["alternative_text"] == "A bar in two halves"
    shown = author.get(stored.json()["url"])
    assert (shown.status_code, shown["Content-Type"]) == (200, "image/jpeg")
    client.force_login(make_learner(make_session()).user)
    assert client.get(stored.json()["url"]).status_code == 404


def send_picture_change(client: Client, step: Step, method: str, base: str) -> Any:
    path = f"/api/v1/steps/{step.pk}/picture"
    if method == "put":
        return put_picture(
            client, step, photograph(), alternative_text="Mine", **({"revision": base})
        )
    if method == "patch":
        return client.patch(path, {"alternative_text": "Mine", "revision": base}, JSON)
    return client.delete(f"{path}?picture_revision={base}")


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_picture_that_somebody_else_changed_stays(
    author: Client, lesson: Lesson, method: str
) -> None:
    step = lesson.steps.get(position=1)
    put_picture(author, step, photograph(), alternative_text="First")
    path = f"/api/v1/lessons/{lesson.pk}/"
    base = author.get(path).json()["steps"][0]["picture"]["revision"]
    theirs = author.patch(
        f"/api/v1/steps/{step.pk}/picture", {"alternative_text": "Theirs", "revision": base}, JSON
    )
    assert theirs.status_code == 200
    for old in (base, "none"):
        refused = send_picture_change(author, step, method, old)
        assert refused.status_code == 409
        stored = refused.json()["current"]["picture"]
        assert (stored["alternative_text"], stored["revision"]) == (
            "Theirs",
            theirs.json()["revision"],
        )
    step.refresh_from_db()
    assert step.picture.alternative_text == "Theirs"
    saved = send_picture_change(author, step, method, theirs.json()["revision"])
    assert saved.status_code == (204 if method == "delete" else 200)


def test_step_that_somebody_else_changed_is_not_deleted(author: Client, lesson: Lesson) -> None:
    path = f"/api/v1/steps/{lesson.steps.get(position=1).pk}/"
    author.put(path, CONTENT | {"revision": 0}, JSON)
    refused = author.delete(f"{path}?revision=0")
    assert refused.status_code == 409
    assert refused.json()["current"]["steps"][0]["title"] == "Halves"
    assert author.delete(f"{path}?revision=x").status_code == 400
    assert lesson.steps.count() == 3
    assert author.delete(f"{path}?revision=1").status_code == 204


def test_file_that_is_no_picture_is_refused(author: Client, lesson: Lesson) -> None:
    step = lesson.steps.get(position=1)
    answer = put_picture(author, step, b"<svg/>", alternative_text="x")
    assert "JPEG, PNG, WebP and GIF" in str(answer.json()["fields"]["file"])


def test_lesson_is_exported_and_imported(author: Client, lesson: Lesson) -> None:
    file = author.get(f"/api/v1/lessons/{lesson.pk}/export")
    assert file["Content-Disposition"] == 'attachment; filename="fractions.lesson.zip"'
    upload = {"file": SimpleUploadedFile("a.zip", file.content)}
    answer = author.post(f"/api/v1/courses/{lesson.course_id}/lessons/import", upload)
    assert answer.status_code == 201
    assert Lesson.objects.get(pk=answer.json()["id"]).steps.count() == 3


def test_invalid_lesson_file_explains_why(author: Client, lesson: Lesson) -> None:
    upload = {"file": SimpleUploadedFile("a.zip", b"nonsense")}
    answer = author.post(f"/api/v1/courses/{lesson.course_id}/lessons/import", upload)
    assert answer.json()["fields"]["file"] == "The file is not valid JSON."
    assert Lesson.objects.count() == 1


def test_too_large_file_is_not_read(
    author: Client, lesson: Lesson, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(authoring_views, "MAX_FILE_BYTES", 5)
    upload = {"file": SimpleUploadedFile("a.zip", b"PK-long")}
    answer = author.post(f"/api/v1/courses/{lesson.course_id}/lessons/import", upload)
    assert "32 MB" in str(answer.json()["fields"]["file"])


def test_lesson_with_sessions_is_not_deleted(author: Client, lesson: Lesson) -> None:
    make_session(lesson=lesson)
    assert author.delete(f"/api/v1/lessons/{lesson.pk}/").status_code == 409
    other = author.post(f"/api/v1/courses/{lesson.course_id}/lessons/", {"title": "New"}, JSON)
    assert author.delete(f"/api/v1/lessons/{other.json()['id']}/").status_code == 204


def test_only_teachers_of_the_course_can_write(client: Client, lesson: Lesson) -> None:
    step = lesson.steps.get(position=1)
    learner = make_learner(make_session(lesson=lesson))
    stranger = make_teacher_of(make_lesson())
    for user in (learner.user, stranger):
        client.force_login(user)
        for method, path in [
            ("get", f"lessons/{lesson.pk}/"),
            ("get", f"lessons/{lesson.pk}/export"),
            ("put", f"steps/{step.pk}/"),
            ("delete", f"steps/{step.pk}/"),
            ("delete", f"steps/{step.pk}/picture"),
            ("post", f"courses/{lesson.course_id}/lessons/"),
            ("post", f"courses/{lesson.course_id}/lessons/import"),
        ]:
            assert getattr(client, method)(f"/api/v1/{path}").status_code == 404, path


def test_markdown_is_rendered(author: Client) -> None:
    answer = author.post("/api/v1/markdown", {"markdown": "**a**<script>"}, JSON)
    assert answer.json() == {"html": "<p><strong>a</strong>&lt;script&gt;</p>\n"}

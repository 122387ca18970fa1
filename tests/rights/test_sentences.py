"""*My data* and the readable download are in words: no column names, codes or ids."""

import re
from collections.abc import Iterator

import pytest
from django.db.models import CASCADE, Model
from django.test import Client
from django.utils import timezone

from fer_lms.consent.actions import withdraw_consent
from fer_lms.lessons.models import InteractionEvent, LearnerProfile, Participant, Role, Supporter
from fer_lms.people.models import User
from fer_lms.reports.actions import save_correction
from fer_lms.rights.queries import DEPRECATED_KEYS, SECRET_COLUMN, collect_personal_data
from fer_lms.rights.record_texts import INTERNAL_COLUMNS, TABLES, get_other_record_texts
from fer_lms.rights.sentences import Account, build_accounts, format_duration
from fer_lms.rules.models import Hint, HintAnswer, RuleState, ThresholdShift
from tests.factories import grant_all, make_user, make_window

pytestmark = pytest.mark.django_db
IN_SENTENCES = {
    "lessons.participant",
    "consent.consent",
    "engagement.observationwindow",
    "reports.correction",
    "rules.hintanswer",
    "rules.teachernotification",
}
"""Tables that have no table of their own in an export."""
KEYS = {
    "lessons.enrolment": "enrolments",
    "lessons.supporter": "supporters",
    "lessons.interactionevent": "events",
    "engagement.learnerbaseline": "baselines",
    "engagement.baselinereset": "baseline_resets",
    "rules.rulestate": "rule_state",
    "rules.settingssnapshot": "rule_settings",
    "rules.hint": "hints",
    "rules.ruleswitch": "rule_switches",
    "rules.thresholdshift": "threshold_shifts",
}
RAW = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-|\b[a-z]+_[a-z_]+\b|\{|None|True|False")
"""A UUID, a column or code, a Python value."""


def list_personal_models(model: type[Model], seen: set[type[Model]]) -> Iterator[type[Model]]:
    """Yield the models whose rows an erasure of a person deletes."""
    for relation in model._meta.related_objects:
        related = relation.related_model
        if relation.on_delete is CASCADE and isinstance(related, type) and related not in seen:
            seen.add(related)
            yield related
            yield from list_personal_models(related, seen)


PERSONAL_MODELS = [*list_personal_models(User, set())]


@pytest.mark.parametrize("model", PERSONAL_MODELS, ids=lambda model: model._meta.label_lower)
def test_every_column_of_a_record_has_words_or_is_internal(model: type[Model]) -> None:
    label = model._meta.label_lower
    if label in IN_SENTENCES:
        return
    key = KEYS.get(label, label)
    assert key in TABLES
    names = {field.attname for field in model._meta.concrete_fields} - {"id"}
    names = {name for name in names if not name.endswith("_id") and not SECRET_COLUMN.search(name)}
    assert names - TABLES[key][1].keys() - INTERNAL_COLUMNS - set(DEPRECATED_KEYS) == set()
    assert key == KEYS.get(label) or label in {
        *get_other_record_texts(),
        *("lessons.learnerprofile", "consent.guardianconsent", "lti.ltiuser"),
    }


@pytest.fixture
def full(learner: Participant) -> Participant:
    """A learner with a row of most kinds."""
    user = learner.user
    user.first_name = "Ada"
    user.save()
    grant_all(learner)
    save_correction(window=make_window(learner), value="thinking", text="about the half")
    for kind, value in (("answered", "right"), ("self_report", "hard"), ("hint_asked", "")):
        InteractionEvent.objects.create(participant=learner, kind=kind, value=value)
    hint = Hint.objects.create(
        participant=learner, kind="hint", title="A hint", body="Try halves.", state="shown",
        fired_at=timezone.now(), shown_at=timezone.now(), why="You answered twice.",
    )  # fmt: skip
    HintAnswer.objects.create(hint=hint, answer="leave_me_alone")
    HintAnswer.objects.create(hint=hint, answer="helped")
    RuleState.objects.create(
        participant=learner, body={"a_b": 1}, cursor_at=timezone.now(), active_until=timezone.now()
    )
    LearnerProfile.objects.create(user=user, hint_form="symbol", no_camera=True)
    ThresholdShift.objects.create(user=user, evidence="said_hard", shift=0.1)
    Supporter.objects.create(
        course=learner.session.lesson.course, learner=user, supporter=make_user(first_name="Kim")
    )
    return learner


def find(learner: Participant, text: str) -> Account:
    accounts = build_accounts(collect_personal_data(learner.user))
    return next(account for account in accounts if text in account.title)


def test_what_is_stored_is_said_in_sentences(full: Participant) -> None:
    text = " ".join(find(full, "Fractions").sentences)
    for words in (
        "You said yes to the camera on",
        "The camera was on for 10 seconds. We could see your face for 10 seconds.",
        "You answered once; right answers: 1.",
        "You called one step hard.",
        "You got one hint.",
        "You said that one helped.",
    ):
        assert words in text
    assert "These numbers are kept until" in text
    assert find(full, "Fractions").quotes == ["I was thinking: about the half"]
    preferences = " ".join(find(full, "preferences").sentences)
    assert "Hints come as symbols. You do not want to be asked" in preferences
    assert "Some hints come later" in preferences
    assert "Kim is your support person" in " ".join(find(full, "courses").sentences)


def test_a_withdrawal_is_said(full: Participant) -> None:
    withdraw_consent(participant=full)
    text = " ".join(find(full, "Fractions").sentences)
    assert "You withdrew your yes on" in text
    assert "You said yes to the camera on" in text


@pytest.mark.parametrize("path", ["/my-data/", "/my-data/export.html"])
def test_pages_hold_no_internal_names(client: Client, full: Participant, path: str) -> None:
    client.force_login(full.user)
    page = client.get(path).content.decode()
    body = page[page.index("<h1") :]
    for start, end in (("<form", "</form>"), ("<footer", "</footer>")):
        if start in body:
            body = body[: body.index(start)] + body[body.index(end) :]
    text = re.sub(r"<[^>]*>", " ", body)
    text = text.replace(full.user.username, "")
    assert not RAW.findall(text)
    assert "Fractions" in text


def test_a_teacher_has_no_sentence_about_a_camera(full: Participant) -> None:
    teacher = Participant.objects.create(session=full.session, user=make_user(), role=Role.TEACHER)
    assert "camera" not in " ".join(find(teacher, "Fractions").sentences)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(1, "1 second"), (90, "90 seconds"), (150, "3 minutes"), (540, "9 minutes")],
)
def test_durations(seconds: int, text: str) -> None:
    assert format_duration(seconds) == text

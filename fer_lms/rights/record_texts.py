"""Words of a person's record: what its tables, columns and codes are called."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

Words = Promise | str

INTERNAL_COLUMNS = frozenset(
    {
        *("key", "request", "status", "body", "attempts", "next_attempt_at", "refusal"),
        *("public_id", "origin_key", "object_id", "change_message", "action_flag", "occasion"),
        *("epoch", "frames_epoch", "consent_epoch", "erase_through_epoch", "evaluated_at"),
        *("counted_steps", "usable_steps", "feeds", "state", "model", "face_counted", "scored"),
        *("sign_sums", "sign_square_sums", "sign_count", "negative_sum", "readings"),
        *("parts", "sources", "cursor_at", "active_until", "from_at", "launch", "path", "data"),
        *("accept_multiple", "received_at", "level", "symbol", "form", "withheld_because"),
        *("text_version", "text_locale", "text_form", "kept_days", "small_group"),
        *("group", "demo", "simulated", "access_suspended", "return_url", "expires_at"),
    }
)
"""Columns that the readable page leaves out; the JSON file has them."""

TABLES: Mapping[str, tuple[Words, Mapping[str, Words]]] = {
    "enrolments": (
        _("Courses"),
        {
            "course": _("Course"),
            "role": _("Role"),
            "active": _("Still in the course"),
            "has_taught": _("Has been its teacher"),
        },
    ),
    "supporters": (
        _("Your support persons"),
        {
            "name": _("Name"),
            "course": _("Course"),
            "since": _("Since"),
            "until": _("Planned until"),
            "ended_at": _("Ended"),
        },
    ),
    "supports": (
        _("Students you support"),
        {
            "course": _("Course"),
            "since": _("Since"),
            "until": _("Planned until"),
            "ended_at": _("Ended"),
        },
    ),
    "learner_groups": (_("Groups for hints"), {"title": _("Group")}),
    "threshold_shifts": (
        _("Hints sooner or later"),
        {"evidence": _("Kind of sign"), "shift": _("Change; above 0 means later")},
    ),
    "rule_switches": (
        _("Hints switched off or on for you"),
        {"off": _("Off"), "set_at": _("When")},
    ),
    "events": (
        _("What you did in the lesson"),
        {
            "occurred_at": _("When"),
            "kind": _("What"),
            "step": _("Step"),
            "value": _("Answer"),
            "seconds": _("Seconds"),
        },
    ),
    "hints": (
        _("Hints"),
        {
            "fired_at": _("When"),
            "shown_at": _("Shown"),
            "kind": _("Kind of help"),
            "title": _("Title"),
            "body": _("Text"),
            "why": _("Why it came"),
            "timing": _("Right moment?"),
            "answers": _("Your answers"),
            "teacher_word": _("Your teacher was told"),
        },
    ),
    "baselines": (
        _("Your usual face, as numbers"),
        {
            "from_at": _("From"),
            "until_at": _("To"),
            "seen_seconds": _("Seconds seen"),
            "retired_at": _("Not used since"),
        },
    ),
    "baseline_resets": (_("You calibrated the camera again"), {"asked_at": _("When")}),
    "rule_state": (_("Memory of the hints in this lesson"), {}),
    "rule_settings": (_("Settings of your hints"), {"from_at": _("Since")}),
    "lessons.learnerprofile": (
        _("Your preferences"),
        {
            "hint_form": _("Form of hints"),
            "reading_level": _("Text of a step"),
            "no_camera": _("Do not ask about the camera"),
            "expressions_do_not_fit": _("My face does not count"),
            "hints_muted": _("Hints only when I ask"),
        },
    ),
    "consent.guardianconsent": (
        _("Questions to your guardian"),
        {
            "asked_at": _("Asked"),
            "answered_at": _("Answered"),
            "withdrawn_at": _("Withdrawn"),
            "asked_for": _("Asked for"),
            "given": _("Agreed to"),
            "way": _("How"),
            "signed_name": _("Signed by"),
            "reference": _("Reference of the signed form"),
            "supporters_at": _("Agreed to support persons"),
        },
    ),
    "lti.ltiuser": (
        _("Your account at your learning platform"),
        {
            "sub": _("Your number there"),
            "test_user": _("Test account"),
            "created_at": _("First visit"),
            "launched_at": _("Last visit"),
            "administrator_at": _("Last visit as an administrator"),
        },
    ),
    "lti.windowpass": (
        _("Lessons opened in a new window"),
        {"created_at": _("When"), "used_at": _("Opened")},
    ),
    "lti.deeplinkrequest": (
        _("Lessons chosen for a course"),
        {"created_at": _("When"), "answered_at": _("Done")},
    ),
    "xapi.statement": (_("Records on their way to the school"), {"queued_at": _("Waiting since")}),
    "integrations.apitoken": (
        _("Access for programs"),
        {
            "name": _("What it is for"),
            "scopes": _("What it may do"),
            "made_at": _("Made"),
            "expires_at": _("Ends"),
            "used_at": _("Last used"),
        },
    ),
    "integrations.webhook": (
        _("Addresses for report notices"),
        {"url": _("Web address"), "made_at": _("Made"), "stopped": _("Stopped")},
    ),
    "integrations.webhookdelivery": (
        _("Sent report notices"),
        {"queued_at": _("When"), "outcome": _("Answer"), "delivered_at": _("Delivered")},
    ),
    "people.requestkey": (_("Last presses of buttons"), {"created_at": _("When")}),
    "rules.evaluatedevent": (_("Actions that the hints have counted"), {}),
    "rules.sessiongroupmember": (_("Groups at the beginning of a lesson"), {}),
    "admin.logentry": (
        _("What you changed in the administration"),
        {"action_time": _("When"), "object_repr": _("What")},
    ),
    "people.user_groups": (_("Groups of permissions"), {}),
    "people.user_user_permissions": (_("Permissions"), {}),
    "rules.learnergroup_members": (_("Memberships in groups for hints"), {}),
}
"""Title and columns of each table of an export, in the order in which the page shows them."""


def get_other_record_texts() -> dict[str, str]:
    """Return what "Also stored" calls the tables that have no sentences of their own."""
    return {
        "xapi.statement": gettext("records on their way to the school's record store"),
        "people.requestkey": gettext("the last buttons you pressed, for one day"),
        "rules.evaluatedevent": gettext("which of your actions the hints have counted"),
        "rules.sessiongroupmember": gettext("your groups when a lesson began"),
        "lti.windowpass": gettext("lessons that you opened in a new window"),
        "lti.deeplinkrequest": gettext("lessons that you chose for a course"),
        "integrations.apitoken": gettext("the tokens that you made for programs"),
        "integrations.webhook": gettext("the addresses that you made for report notices"),
        "integrations.webhookdelivery": gettext("the report notices that were sent there"),
        "admin.logentry": gettext("what you changed in the administration"),
        "people.user_groups": gettext("what you may do in the administration"),
        "people.user_user_permissions": gettext("what you may do in the administration"),
    }


def get_correction_texts() -> dict[str, str]:
    return {
        "thinking": gettext("I was thinking"),
        "interested": gettext("I was interested"),
        "fine": gettext("I was fine"),
        "tired": gettext("I was tired"),
        "stuck": gettext("I was stuck"),
        "other": gettext("It was something else"),
    }


def get_code_texts() -> dict[str, str]:
    """Return the words of codes that rows hold."""
    return get_correction_texts() | {
        "student": gettext("student"),
        "hint": gettext("hint"),
        "break": gettext("break"),
        "easier": gettext("easier text"),
        "question": gettext("question"),
        "tell_teacher": gettext("offer to tell the teacher"),
        "teacher": gettext("teacher"),
        "step_opened": gettext("Step opened"),
        "answered": gettext("Question answered"),
        "self_report": gettext("Said how hard it is"),
        "hint_asked": gettext("Hint asked for"),
        "idle": gettext("Nothing for a while"),
        "returned": gettext("Came back"),
        "right": gettext("right"),
        "wrong": gettext("wrong"),
        "easy": gettext("easy"),
        "hard": gettext("hard"),
        "helped": gettext("That helped"),
        "not_now": gettext("Not now"),
        "not_hard": gettext("I'm fine"),
        "leave_me_alone": gettext("Leave me alone today"),
        "hints_again": gettext("Hints may come again"),
        "yes": gettext("Yes"),
        "no": gettext("No"),
        "too_early": gettext("too early"),
        "not_needed": gettext("not needed"),
        "text": gettext("text"),
        "simple_text": gettext("simple text"),
        "symbol": gettext("symbols"),
        "audio": gettext("read aloud"),
        "standard": gettext("as the teacher wrote it"),
        "capture": gettext("Camera"),
        "server_processing": gettext("Pictures to the school's computer"),
        "own_view": gettext("Seeing the computer's guesses"),
        "support_view": gettext("A support person's view"),
        "research": gettext("Research"),
        "link": gettext("by a link"),
        "paper": gettext("on paper"),
        "of_age": gettext("old enough to decide alone"),
        "frustration": gettext("signs of frustration"),
        "confusion": gettext("signs of confusion"),
        "disengagement": gettext("drifting away"),
        "said_hard": gettext("you said that it is hard"),
    }

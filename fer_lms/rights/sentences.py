"""A person's stored data in sentences, from an export (`queries.collect_personal_data`). Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.formats import date_format, get_format
from django.utils.text import get_text_list
from django.utils.timezone import localtime
from django.utils.translation import gettext, ngettext

from fer_lms.lessons.models import Role
from fer_lms.rights.record_texts import get_correction_texts, get_other_record_texts
from fer_lms.rules.models import Hint

WINDOW_S = 10
TWO_MINUTES_S = 120

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Account:
    """What is stored about one subject.

    Attributes:
        title: Heading.
        sentences: What is stored, one sentence or two each.
        quotes: The person's own words.
        page: Session whose own page shows more; "" for none.
        is_session: Whether it describes one lesson.
    """

    title: str
    sentences: list[str]
    quotes: list[str] = field(default_factory=list)
    page: str = ""
    is_session: bool = False


def build_accounts(data: Row) -> list[Account]:
    """Describe an export in sentences; parts without content are left out."""
    accounts = [
        Account(gettext("You"), [*_describe_person(data)]),
        Account(gettext("Your courses"), [*_describe_courses(data)]),
        Account(gettext("Your preferences"), [*_describe_preferences(data)]),
        *(_build_session(row) for row in reversed(data["participations"])),
        Account(gettext("Your guardian"), [*_describe_guardians(data["other"])]),
        Account(gettext("Also stored"), [*_describe_others(data["other"])]),
    ]
    return [account for account in accounts if account.sentences]


def format_duration(seconds: float) -> str:
    """Return "50 seconds" below two minutes, then whole minutes."""
    if seconds < TWO_MINUTES_S:
        count = round(seconds)
        return ngettext("%(n)s second", "%(n)s seconds", count) % {"n": count}
    minutes = int(seconds / 60 + 0.5)  # as the learner's page rounds
    return ngettext("%(n)s minute", "%(n)s minutes", minutes) % {"n": minutes}


def format_day(time: datetime) -> str:
    return date_format(localtime(time), "DATE_FORMAT")


def format_time(time: datetime) -> str:
    return date_format(localtime(time), get_format("TIME_FORMAT"))


# --- the person and their courses -----------------------------------------------------------------


def _describe_person(data: Row) -> Iterator[str]:
    person = data["person"]
    name = f"{person['first_name']} {person['last_name']}".strip()
    if name:
        yield gettext("Your name here is %(name)s.") % {"name": name}
    if data["other"].get("lti.ltiuser"):
        yield gettext("You come here from your learning platform. Your number there is stored.")
    elif not person["demo"]:
        yield gettext("You sign in as %(username)s.") % {"username": person["username"]}
    if person["email"]:
        yield gettext("Your e-mail address is %(email)s.") % {"email": person["email"]}
    yield gettext("You were here first on %(day)s.") % {"day": format_day(person["date_joined"])}
    if person["last_login"]:
        day = format_day(person["last_login"])
        yield gettext("You last signed in on %(day)s.") % {"day": day}
    count = data["logins"]
    if count:
        text = ngettext(
            "You are signed in with one browser.", "You are signed in with %(n)s browsers.", count
        )
        yield text % {"n": count}
    if person["is_staff"]:
        yield gettext("You help to run this installation.")


def _describe_courses(data: Row) -> Iterator[str]:
    for row in data["enrolments"]:
        yield _get_enrolment_text(row) % {"course": row["course"]}
    for row in data["supporters"]:
        yield _get_supporter_text(row) % {"name": row["name"], "course": row["course"]}
    for row in data["supports"]:
        yield gettext("You support a student in %(course)s.") % {"course": row["course"]}
    for group in data["learner_groups"]:
        text = gettext("A teacher put you in the group “%(title)s”. Groups are for hints only.")
        yield text % {"title": group["title"]}
    for row in data["rule_switches"]:
        yield _get_switch_text(row) % {"day": format_day(row["set_at"])}


def _get_enrolment_text(row: Row) -> str:
    if row["role"] == Role.TEACHER:
        return (
            gettext("You teach %(course)s.") if row["active"] else gettext("You taught %(course)s.")
        )
    if row["active"]:
        return gettext("You are a student in %(course)s.")
    return gettext("You were a student in %(course)s.")


def _get_supporter_text(row: Row) -> str:
    if row["ended_at"]:
        return gettext("%(name)s was your support person in %(course)s. They see nothing now.")
    return gettext(
        "%(name)s is your support person in %(course)s. They see nothing unless you say yes."
    )


def _get_switch_text(row: Row) -> str:
    if row["off"]:
        return gettext("Hints were switched off for you on %(day)s.")
    return gettext("Hints were switched on for you on %(day)s.")


def _describe_preferences(data: Row) -> Iterator[str]:
    for profile in data["other"].get("lessons.learnerprofile", []):
        yield {
            "text": gettext("Hints come as text."),
            "simple_text": gettext("Hints come as simple text."),
            "symbol": gettext("Hints come as symbols."),
            "audio": gettext("Hints are read aloud."),
        }.get(profile["hint_form"], gettext("You chose how hints look."))
        if profile["reading_level"] == "easy":
            yield gettext("You want the easier text of a step.")
        if profile["hints_muted"]:
            yield gettext("Hints come only when you ask.")
        if profile["no_camera"]:
            yield gettext("You do not want to be asked about the camera.")
        if profile["expressions_do_not_fit"]:
            yield gettext("What your face shows does not count.")
    for row in data["threshold_shifts"]:
        if row["shift"] > 0:
            yield gettext("Some hints come later, because of your answers to hints.")
        if row["shift"] < 0:
            yield gettext("Some hints come sooner, because of your answers to hints.")


# --- one lesson -----------------------------------------------------------------------------------


def _build_session(row: Row) -> Account:
    title = gettext("%(lesson)s, %(day)s") % {
        "lesson": row["lesson"],
        "day": format_day(row["joined_at"]),
    }
    sentences = [_describe_stay(row)]
    if row["role"] == Role.STUDENT:
        sentences += _describe_consent(row["consent"])
    sentences += [*_describe_windows(row), *_describe_events(row["events"])]
    sentences += _describe_hints(row["hints"])
    page = str(row["session_id"]) if row["windows"] or row["consent"] else ""
    return Account(title, sentences, [*_quote_corrections(row["windows"])], page, True)


def _describe_stay(row: Row) -> str:
    values = {"course": row["course"], "from": format_time(row["joined_at"])}
    if row["left_at"] is None:
        return gettext("At %(from)s you came to this lesson of %(course)s.") % values
    same_day = localtime(row["left_at"]).date() == localtime(row["joined_at"]).date()
    left = row["left_at"]
    values["to"] = (
        format_time(left) if same_day else date_format(localtime(left), "DATETIME_FORMAT")
    )
    return gettext("From %(from)s to %(to)s you were in this lesson of %(course)s.") % values


def _describe_consent(consent: Row | None) -> Iterator[str]:
    if consent is None or consent["granted_at"] is None:
        yield gettext("You have not answered the question about the camera.")
    elif consent["withdrawn_at"]:
        values = {
            "day": format_day(consent["granted_at"]),
            "end": format_day(consent["withdrawn_at"]),
        }
        text = gettext("You said yes to the camera on %(day)s. You withdrew your yes on %(end)s.")
        yield text % values
    elif consent["capture"]:
        yield gettext("You said yes to the camera on %(day)s.") % {
            "day": format_day(consent["granted_at"])
        }
        yield from _describe_grants(consent)
    elif not consent["awaiting_guardian"]:
        yield gettext("You said no to the camera.")
    if consent and consent["awaiting_guardian"]:
        yield gettext("You said yes. Your guardian has not answered yet.")
    if consent and consent["erased_at"]:
        yield gettext("Your camera data was deleted on %(day)s. Your receipt is %(receipt)s.") % {
            "day": format_day(consent["erased_at"]),
            "receipt": consent["receipt"],
        }


def _describe_grants(consent: Row) -> Iterator[str]:
    if consent["server_processing"]:
        yield gettext("The school's computer may look at each picture. Then it deletes it.")
    else:
        yield gettext("The pictures stay on your device.")
    if consent["support_view"]:
        yield gettext("Your support person may see your numbers.")
    if consent["research"]:
        yield gettext("Your numbers may be used to study how well this tool works.")


def _describe_windows(row: Row) -> Iterator[str]:
    windows = row["windows"]
    if not windows:
        return
    text = gettext("The camera was on for %(looked)s. We could see your face for %(seen)s.")
    yield text % {
        "looked": format_duration(len(windows) * WINDOW_S),
        "seen": format_duration(sum(window["seen_seconds"] for window in windows)),
    }
    yield gettext("These numbers are kept until %(day)s.") % {"day": format_day(row["kept_until"])}
    if row["baselines"]:
        yield gettext("Your usual face is stored as numbers, to compare your face with itself.")


def _quote_corrections(windows: Iterable[Row]) -> Iterator[str]:
    texts = get_correction_texts()
    corrections = [window["correction"] for window in windows if window["correction"]]
    for said, words in dict.fromkeys((row["said"], row["words"]) for row in corrections):
        yield f"{texts.get(said, said)}: {words}" if words else texts.get(said, said)


def _describe_events(events: list[Row]) -> Iterator[str]:
    steps = {event["step_id"] for event in events if event["kind"] == "step_opened"} - {None}
    if steps:
        text = ngettext("You opened one step.", "You opened %(n)s steps.", len(steps))
        yield text % {"n": len(steps)}
    answers = [event["value"] for event in events if event["kind"] == "answered"]
    if answers:
        text = ngettext(
            "You answered once; right answers: %(right)s.",
            "You answered %(n)s times; right answers: %(right)s.",
            len(answers),
        )
        yield text % {"n": len(answers), "right": answers.count("right")}
    yield from _describe_reports([row["value"] for row in events if row["kind"] == "self_report"])
    asked = sum(event["kind"] == "hint_asked" for event in events)
    if asked:
        text = ngettext("You asked for one hint.", "You asked for %(n)s hints.", asked)
        yield text % {"n": asked}
    idle = sum(event["kind"] == "idle" for event in events)
    if idle:
        text = ngettext(
            "You did nothing for a while once.", "You did nothing for a while %(n)s times.", idle
        )
        yield text % {"n": idle}


def _describe_reports(values: list[str]) -> Iterator[str]:
    names = {"easy": gettext("easy"), "fine": gettext("fine"), "hard": gettext("hard")}
    for value, name in names.items():
        count = values.count(value)
        if count:
            text = ngettext(
                "You called one step %(word)s.", "You said %(word)s %(n)s times.", count
            )
            yield text % {"word": name, "n": count}


def _describe_hints(hints: list[Row]) -> Iterator[str]:
    shown = [hint for hint in hints if hint["state"] == Hint.State.SHOWN]
    if shown:
        text = ngettext("You got one hint.", "You got %(n)s hints.", len(shown))
        yield text % {"n": len(shown)}
    helped = sum(any(row["answer"] == "helped" for row in hint["answers"]) for hint in hints)
    if helped:
        text = ngettext("You said that one helped.", "You said that %(n)s helped.", helped)
        yield text % {"n": helped}
    for hint in hints:
        for row in hint["teacher_word"]:
            text = gettext("You let your teacher know at %(time)s that you want help.")
            yield text % {"time": format_time(row["said_at"])}


# --- the rest -------------------------------------------------------------------------------------


def _describe_guardians(other: Row) -> Iterator[str]:
    for row in other.get("consent.guardianconsent", []):
        text = {
            "asked": gettext("Your guardian was asked on %(day)s and has not answered."),
            "given": gettext("Your guardian said yes on %(answered)s."),
            "refused": gettext("Your guardian said no on %(answered)s."),
            "withdrawn": gettext("Your guardian withdrew the yes on %(ended)s."),
        }.get(row["state"])
        if text is None:
            continue
        days = {
            "day": row["asked_at"],
            "answered": row["answered_at"],
            "ended": row["withdrawn_at"],
        }
        yield text % {name: format_day(time) if time else "" for name, time in days.items()}
        if row["signed_name"]:
            yield gettext("They signed as %(name)s.") % {"name": row["signed_name"]}


def _describe_others(other: Row) -> Iterator[str]:
    texts = get_other_record_texts()
    found = [texts[label] for label in other if label in texts]
    if found:
        yield gettext("In the download there are also: %(things)s.") % {
            "things": get_text_list(found, gettext("and"))
        }

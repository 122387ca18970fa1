"""Conversion of an export to sections of a readable page. Pure functions."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.apps import apps
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext

from fer_lms.consent.models import GRANTS
from fer_lms.engagement.observations import SCALE
from inference.results import LABELS

Row = Mapping[str, Any]
NO_VALUE = "\N{EN DASH}"


@dataclass(frozen=True, slots=True)
class Table:
    title: str
    headers: list[str]
    rows: list[list[str]]


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    facts: list[tuple[str, str]] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)


def build_export_sections(data: Row) -> list[Section]:
    sessions = [_build_session(row) for row in data["participations"]]
    rest = {name: rows for name, rows in data.items() if name not in ("person", "participations")}
    other = rest.pop("other", {})
    rest.pop("logins", None)
    return [_build_person(data), *sessions, *_build_others({**rest, **other})]


def _build_person(data: Row) -> Section:
    person = data["person"]
    return Section(
        gettext("Who you are here"),
        [
            (gettext("User name"), person["username"]),
            (gettext("Name"), f"{person['first_name']} {person['last_name']}".strip() or NO_VALUE),
            (gettext("E-mail"), person["email"] or NO_VALUE),
            (gettext("Random number used in place of your name"), str(person["public_id"])),
            (gettext("First visit"), _format_value(person["date_joined"])),
            (gettext("Last signed in"), _format_value(person["last_login"])),
            (gettext("Browsers you are signed in with"), str(data["logins"])),
        ],
    )


def _build_session(participation: Row) -> Section:
    facts = [
        (gettext("Course"), participation["course"]),
        (gettext("You joined"), _format_value(participation["joined_at"])),
        (gettext("You left"), _format_value(participation["left_at"])),
        *_list_consent_facts(participation["consent"]),
    ]
    tables = [_build_windows(participation["windows"]), _build_events(participation["events"])]
    tables += [
        _build_table(name, rows)
        for name, rows in participation.items()
        if isinstance(rows, list) and name not in ("windows", "events")
    ]
    title = f"{participation['lesson']}, {_format_value(participation['session_started_at'])}"
    return Section(title, facts, [table for table in tables if table.rows])


def _list_consent_facts(consent: Row | None) -> Iterable[tuple[str, str]]:
    if consent is None:
        return [(gettext("Consent"), gettext("not answered"))]
    names = {
        "capture": gettext("Camera"),
        "server_processing": gettext("Pictures read by the school's computer"),
        "own_view": gettext("Your own view"),
        "support_view": gettext("A support person's view"),
        "research": gettext("Research"),
    }
    answers = [(names[grant], _format_value(consent[grant])) for grant in GRANTS]
    return [
        *answers,
        (gettext("Agreed"), _format_value(consent["granted_at"])),
        (gettext("Withdrawn"), _format_value(consent["withdrawn_at"])),
        (gettext("Deleted"), _format_value(consent["erased_at"])),
        (gettext("Receipt"), consent["receipt"] or NO_VALUE),
    ]


def _build_windows(windows: Iterable[Row]) -> Table:
    headers = [
        gettext("Ten seconds from"),
        gettext("Pictures read"),
        gettext("Seconds seen"),
        gettext("Engagement index"),
        gettext("Strongest expression"),
        gettext("Your correction"),
    ]
    return Table(
        gettext("What was read from the camera"),
        headers,
        [_build_window(window) for window in windows],
    )


def _build_window(window: Row) -> list[str]:
    count = window["engagement_count"]
    index = f"{window['engagement_sum'] / (count * SCALE):.2f}" if count else NO_VALUE
    correction = window["correction"]
    return [
        _format_value(window["start_at"]),
        str(window["processed"]),
        str(window["seen_seconds"]),
        index,
        _format_top_expression(window),
        f"{correction['said']} {correction['words']}".strip() if correction else NO_VALUE,
    ]


def _format_top_expression(window: Row) -> str:
    if not window["scored"]:
        return NO_VALUE
    label, total = max(zip(LABELS, window["score_sums"], strict=True), key=lambda pair: pair[1])
    return f"{label} {total / (window['scored'] * SCALE):.0%}"


def _build_events(events: Iterable[Row]) -> Table:
    headers = [gettext("When"), gettext("What"), gettext("Answer")]
    rows = [
        [_format_value(event[name]) for name in ("occurred_at", "kind", "value")]
        for event in events
    ]
    return Table(gettext("What you did in the lesson"), headers, rows)


def _build_others(tables: Mapping[str, list[Row]]) -> list[Section]:
    others = [_build_table(name, rows) for name, rows in tables.items() if rows]
    return [Section(gettext("Everything else"), tables=others)] if others else []


def _build_table(name: str, rows: list[Row]) -> Table:
    headers = list(rows[0]) if rows else []
    cells = [[_format_value(row.get(header)) for header in headers] for row in rows]
    return Table(
        _build_title(name),
        [header.replace("_", " ") for header in headers],
        cells,
    )


def _build_title(name: str) -> str:
    if "." in name:
        name = str(apps.get_model(name)._meta.verbose_name_plural)
    return name.replace("_", " ").capitalize()


def _format_value(value: Any) -> str:
    if value is None or value == "":
        return NO_VALUE
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, datetime):
        return date_format(localtime(value), "DATETIME_FORMAT")
    return str(value).replace("_", " ") if isinstance(value, str) else str(value)

"""An export as people read it: sections of tables, in words. Pure: rows in, sections out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext

from fer_lms.engagement.observations import SCALE
from inference.results import LABELS

Row = Mapping[str, Any]
NOTHING = "\N{EN DASH}"
GRANTS = ("capture", "server_processing", "own_view", "support_view", "research")


@dataclass(frozen=True, slots=True)
class Table:
    title: str
    heads: list[str]
    rows: list[list[str]]


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    facts: list[tuple[str, str]] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)


def build_export_sections(found: Row) -> list[Section]:
    places = [_sitting(place) for place in found["participations"]]
    rest = {name: rows for name, rows in found.items() if name not in ("person", "participations")}
    other = rest.pop("other", {})
    rest.pop("logins", None)
    return [_person(found), *places, *_others({**rest, **other})]


def _person(found: Row) -> Section:
    person = found["person"]
    return Section(
        gettext("Who you are here"),
        [
            (gettext("User name"), person["username"]),
            (gettext("Name"), f"{person['first_name']} {person['last_name']}".strip() or NOTHING),
            (gettext("E-mail"), person["email"] or NOTHING),
            (gettext("Random number in place of your name"), str(person["public_id"])),
            (gettext("First here"), _words(person["date_joined"])),
            (gettext("Last signed in"), _words(person["last_login"])),
            (gettext("Signed in now, in so many browsers"), str(found["logins"])),
        ],
    )


def _sitting(place: Row) -> Section:
    facts = [
        (gettext("Course"), place["course"]),
        (gettext("You came"), _words(place["joined_at"])),
        (gettext("You left"), _words(place["left_at"])),
        *_consent(place["consent"]),
    ]
    tables = [_windows(place["windows"]), _events(place["events"])]
    tables += [
        _plain(name, rows)
        for name, rows in place.items()
        if isinstance(rows, list) and name not in ("windows", "events")
    ]
    title = f"{place['lesson']}, {_words(place['session_started_at'])}"
    return Section(title, facts, [table for table in tables if table.rows])


def _consent(consent: Row | None) -> Iterable[tuple[str, str]]:
    if consent is None:
        return [(gettext("What you agreed to"), gettext("nothing was asked or answered"))]
    names = {
        "capture": gettext("Camera"),
        "server_processing": gettext("Pictures looked at by the school's computer"),
        "own_view": gettext("Your own view"),
        "support_view": gettext("A support person's view"),
        "research": gettext("Research"),
    }
    answers = [(names[grant], _words(consent[grant])) for grant in GRANTS]
    return [
        *answers,
        (gettext("Agreed"), _words(consent["granted_at"])),
        (gettext("Taken back"), _words(consent["withdrawn_at"])),
        (gettext("Deleted"), _words(consent["erased_at"])),
        (gettext("Receipt"), consent["receipt"] or NOTHING),
    ]


def _windows(windows: Iterable[Row]) -> Table:
    heads = [
        gettext("Ten seconds from"),
        gettext("Pictures looked at"),
        gettext("Seconds seen"),
        gettext("Engagement index"),
        gettext("What the face looked like most"),
        gettext("Your own word"),
    ]
    return Table(
        gettext("What was read from the camera"), heads, [_window(each) for each in windows]
    )


def _window(window: Row) -> list[str]:
    known = window["engagement_count"]
    index = f"{window['engagement_sum'] / (known * SCALE):.2f}" if known else NOTHING
    word = window["correction"]
    return [
        _words(window["start_at"]),
        str(window["processed"]),
        str(window["seen_seconds"]),
        index,
        _likest(window),
        f"{word['said']} {word['words']}".strip() if word else NOTHING,
    ]


def _likest(window: Row) -> str:
    if not window["scored"]:
        return NOTHING
    label, total = max(zip(LABELS, window["score_sums"], strict=True), key=lambda pair: pair[1])
    return f"{label} {total / (window['scored'] * SCALE):.0%}"


def _events(events: Iterable[Row]) -> Table:
    heads = [gettext("When"), gettext("What"), gettext("Answer")]
    rows = [[_words(e["occurred_at"]), _words(e["kind"]), _words(e["value"])] for e in events]
    return Table(gettext("What you did in the lesson"), heads, rows)


def _others(tables: Mapping[str, list[Row]]) -> list[Section]:
    """All else, column by column as it is stored."""
    plain = [_plain(name, rows) for name, rows in tables.items() if rows]
    return [Section(gettext("Everything else"), tables=plain)] if plain else []


def _plain(name: str, rows: list[Row]) -> Table:
    heads = list(rows[0]) if rows else []
    cells = [[_words(row.get(head)) for head in heads] for row in rows]
    return Table(
        name.replace("_", " ").replace(".", ": "), [h.replace("_", " ") for h in heads], cells
    )


def _words(value: Any) -> str:
    if value is None or value == "":
        return NOTHING
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, datetime):
        return date_format(localtime(value), "DATETIME_FORMAT")
    return str(value).replace("_", " ") if isinstance(value, str) else str(value)

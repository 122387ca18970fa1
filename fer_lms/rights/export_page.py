"""Conversion of an export to the readable page of the download: all records, in words. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.formats import date_format, number_format
from django.utils.text import get_text_list
from django.utils.timezone import localtime
from django.utils.translation import gettext

from fer_lms.engagement.observations import SCALE
from fer_lms.number_text import format_percent
from fer_lms.reports.exports.texts import get_expression_texts
from fer_lms.rights.record_texts import TABLES, get_code_texts, get_correction_texts
from fer_lms.rights.sentences import Account, build_accounts
from inference.results import LABELS

Row = Mapping[str, Any]
NO_VALUE = "\N{EN DASH}"


@dataclass(frozen=True, slots=True)
class Table:
    """Records of one kind; without headers only their number is stated."""

    title: str
    headers: list[str]
    rows: list[list[str]]


@dataclass(frozen=True, slots=True)
class Section:
    account: Account
    tables: list[Table] = field(default_factory=list)


def build_export_sections(data: Row) -> list[Section]:
    """Return the accounts of `sentences`, those of lessons with their records, then the rest."""
    tables = {id(row): _build_session_tables(row) for row in data["participations"]}
    by_session = iter(reversed(data["participations"]))
    sections = []
    for account in build_accounts(data):
        own = tables[id(next(by_session))] if account.is_session else []
        sections.append(Section(account, own))
    rest = {name: rows for name, rows in data.items() if isinstance(rows, list)}
    rest.pop("participations")
    others = _build_tables({**rest, **data["other"]})
    if others:
        sections.append(Section(Account(gettext("All other records"), []), others))
    return sections


def _build_session_tables(participation: Row) -> list[Table]:
    rows = {name: rows for name, rows in participation.items() if isinstance(rows, list)}
    windows = _build_windows(rows.pop("windows"))
    return [*([windows] if windows.rows else []), *_build_tables(rows)]


def _build_tables(tables: Mapping[str, list[Row]]) -> list[Table]:
    return [_build_table(name, rows) for name, rows in tables.items() if rows]


def _build_table(name: str, rows: list[Row]) -> Table:
    title, columns = TABLES.get(name, (gettext("Other records"), {}))
    cells = [[_format_value(row.get(column)) for column in columns] for row in rows]
    return Table(str(title), [str(header) for header in columns.values()], cells)


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
    index = number_format(window["engagement_sum"] / (count * SCALE), 2) if count else NO_VALUE
    return [
        _format_value(window["start_at"]),
        str(window["processed"]),
        str(window["seen_seconds"]),
        index,
        _format_top_expression(window),
        _format_correction(window["correction"]),
    ]


def _format_correction(correction: Row | None) -> str:
    if correction is None:
        return NO_VALUE
    said = get_correction_texts().get(correction["said"], correction["said"])
    return f"{said}: {correction['words']}" if correction["words"] else str(said)


def _format_top_expression(window: Row) -> str:
    if not window["scored"]:
        return NO_VALUE
    label, total = max(zip(LABELS, window["score_sums"], strict=True), key=lambda pair: pair[1])
    share = format_percent(total / (window["scored"] * SCALE))
    return f"{get_expression_texts()[label]} {share}"


def _format_value(value: Any) -> str:
    if value is None or value == "" or value == []:
        return NO_VALUE
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, datetime):
        return date_format(localtime(value), "DATETIME_FORMAT")
    if isinstance(value, list):
        return get_text_list([_format_item(item) for item in value], gettext("and"))
    if isinstance(value, float):
        return number_format(value, 2)
    return get_code_texts().get(value, value) if isinstance(value, str) else str(value)


def _format_item(item: Any) -> str:
    """Return one answer or notification of a hint, or one grant, in words."""
    if not isinstance(item, Mapping):
        return _format_value(item)
    return _format_value(item.get("answer") or item.get("said_at"))

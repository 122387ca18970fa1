"""A report as a document of tables, in the reader's language. Pure.

Every file format is written from it, so that all state the same figures, each of which stands in
the report's body.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from typing import Final, Literal

from django.utils import formats, timezone
from django.utils.translation import gettext, ngettext

from fer_lms.disclosure.coarsening import ROUNDING
from fer_lms.number_text import format_percent
from fer_lms.reports.exports.texts import (
    get_answer_texts,
    get_change_texts,
    get_expression_texts,
    get_state_texts,
    get_withheld_text,
)
from fer_lms.reports.summary import Metrics

Unit = Literal["percent", "seconds", "index", "count"]
Bound = Literal["", "or_less", "or_more", "at_least"]
SECONDS_PER_MINUTE: Final = 60


@dataclass(frozen=True, slots=True)
class Figure:
    """A released figure, or the reason why it is not shown.

    Attributes:
        value: Share in 0..1 for the units percent and index, else a number; None if not shown.
        unit: Of the value.
        bound: The value is a bound, since shares of actions are clamped.
        note: Why nothing is shown, or what to add to the value.
    """

    value: float | None
    unit: Unit
    bound: Bound = ""
    note: str = ""

    def __str__(self) -> str:
        return format_figure(self)


Cell = str | Figure


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of figures; the first column names the row.

    Attributes:
        key: Name of the table in files that scripts read.
    """

    key: str
    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    note: str = ""


@dataclass(frozen=True, slots=True)
class ReportDocument:
    """What a report states, in the order in which it is read."""

    title: str
    started: str
    state: str
    finding: str
    purpose: str
    facts: Table
    tables: Sequence[Table]
    limits_title: str
    limits: Sequence[str]
    printed: str


def build_document(body: Metrics, *, started_at: datetime, min_group_size: int) -> ReportDocument:
    """Build the document of a report.

    Args:
        body: As `fer_lms.reports.queries.build_report` returns it.
        started_at: Start of the session.
        min_group_size: The threshold of the disclosure control, which clamps shares of actions.
    """
    expressions = body["expressions"] or {}
    names = get_expression_texts()
    shares = [(names[label], share) for label, share in expressions.items()]
    tables = [
        _build_steps(body, min_group_size),
        _build_timeline(body),
        _build_expressions(body, shares),
        _build_hints(body, min_group_size),
    ]
    return ReportDocument(
        title=body["title"],
        started=format_date(started_at),
        state=get_state_texts()[body["state"]],
        finding=body["finding"],
        purpose=gettext(
            "About the lesson, not about a student. Not for marks, assessment or decisions about "
            "a person."
        ),
        facts=_build_facts(body),
        tables=tables,
        limits_title=gettext("Limits of these results"),
        limits=body["limits"],
        printed=format_date(timezone.now()),
    )


def format_date(moment: datetime) -> str:
    local = timezone.localtime(moment)
    return f"{formats.date_format(local, 'DATE_FORMAT')}, {local:%H:%M}"


def format_figure(figure: Figure) -> str:
    """Format a figure for people: "20% or less", "3 min", "not shown: too few students"."""
    if figure.value is None:
        return figure.note or gettext("not shown")
    text = _format_value(figure.value, figure.unit)
    bounds = {
        "or_less": gettext("%(value)s or less"),
        "or_more": gettext("%(value)s or more"),
        "at_least": gettext("at least %(value)s"),
    }
    return bounds[figure.bound] % {"value": text} if figure.bound else text


def to_percent(share: float) -> int:
    return round(100 * share)


def _format_value(value: float, unit: Unit) -> str:
    if unit in ("percent", "index"):
        return format_percent(value)
    if unit == "count":
        return str(round(value))
    if value < SECONDS_PER_MINUTE:
        return gettext("%(n)s s") % {"n": round(value)}
    return gettext("%(n)s min") % {"n": round(value / SECONDS_PER_MINUTE)}


def _build_facts(body: Metrics) -> Table:
    least, engagement, model = body["contributors_at_least"], body["engagement"], body["model"]
    reason = get_withheld_text(body["withheld"] or body["level_withheld"])
    rows: list[Sequence[Cell]] = [
        (gettext("Students included"), Figure(least, "count", "at_least", reason)),
        (
            gettext("Average engagement index"),
            Figure(engagement and engagement["mean"], "index", note=reason),
        ),
        (gettext("Model"), _describe_model(model)),
        (gettext("Engagement formula"), body["preset"]),
        (gettext("Stored until"), format_date(body["kept_until"])),
    ]
    return Table("summary", gettext("Summary"), (gettext("Fact"), gettext("Value")), rows)


def _describe_model(model: Mapping[str, str] | None) -> str:
    if not model:
        return gettext("none")
    version = f" ({model['sha256'][:12]})" if model["sha256"] else ""
    accuracy = gettext("accuracy: %(where)s") % {"where": model["accuracy"]}
    return f"{model['name']}{version}; {accuracy}"


def _build_steps(body: Metrics, min_group_size: int) -> Table:
    columns = (
        gettext("Step"),
        gettext("Average time"),
        gettext("Right at first try"),
        gettext("Asked for a hint"),
        gettext("Right after a hint"),
        gettext("Rated easy"),
        gettext("Rated fine"),
        gettext("Rated hard"),
        gettext("Engagement index"),
    )
    rows = [_build_step_row(step, min_group_size) for step in body["steps"]]
    return Table("steps", gettext("Steps"), columns, rows)


def _build_step_row(step: Metrics, min_group_size: int) -> Sequence[Cell]:
    ratings = step.get("said") or {}
    shares = [step.get("right_at_first"), step.get("asked_for_hint")]
    shares.append(step.get("right_after_hint"))
    shares += [ratings.get(name) for name in ("easy", "fine", "hard")]
    return (
        f"{step['position']}. {step['title']}",
        Figure(step.get("seconds"), "seconds"),
        *(_build_share(share, min_group_size) for share in shares),
        _build_engagement(step),
    )


def _build_engagement(row: Metrics) -> Cell:
    """Return the engagement of a row, how it compares with the lesson, or why it is not shown."""
    if row["withheld"]:
        return Figure(None, "index", note=get_withheld_text(row["withheld"]))
    if row["change"]:
        return get_change_texts()[row["change"]]
    return Figure(row["engagement"], "index")


def _build_share(share: float | None, min_group_size: int) -> Figure:
    """Build the figure of a share of actions, which is clamped to [1/k, 1 - 1/k]."""
    if share is None:
        return Figure(None, "percent")
    margin = ceil(round(1 / (min_group_size * ROUNDING), 6)) * ROUNDING
    tolerance = ROUNDING / 10
    if share <= margin + tolerance:
        return Figure(share, "percent", "or_less")
    return Figure(share, "percent", "or_more" if share >= 1 - margin - tolerance else "")


def _build_timeline(body: Metrics) -> Table:
    since_start = body["timeline_unit"] == "since_start"
    column = gettext("Since the start") if since_start else gettext("Since opening the lesson")
    minutes = body["bin_seconds"] // SECONDS_PER_MINUTE
    note = ngettext("Each row is %(n)s minute.", "Each row is %(n)s minutes.", minutes)
    rows = [
        (
            gettext("%(n)s min") % {"n": row["start"] // SECONDS_PER_MINUTE},
            _build_engagement(row),
        )
        for row in body["timeline"]
    ]
    columns = (column, gettext("Engagement index"))
    return Table("timeline", gettext("Timeline"), columns, rows, note=note % {"n": minutes})


def _build_expressions(body: Metrics, shares: Iterable[tuple[str, float]]) -> Table:
    rows: list[Sequence[Cell]] = [(name, Figure(share, "percent")) for name, share in shares]
    columns = (gettext("Expression"), gettext("Share of the visible time"))
    note = ""
    if not rows:
        reason = get_withheld_text(body["withheld"] or body["level_withheld"])
        note = gettext("Not shown: %(why)s.") % {"why": reason or gettext("not enough visible")}
    return Table("expressions", gettext("Expressions"), columns, rows, note=note)


def _build_hints(body: Metrics, min_group_size: int) -> Table:
    answers = get_answer_texts()
    columns = (gettext("Hint"), gettext("Given to"), gettext("In steps"), *answers.values())
    statistics = body["help"]
    note = "" if statistics else gettext("Not available.")
    rows = [
        _build_hint_row(rule, tuple(answers), min_group_size)
        for rule in (statistics or {"rules": []})["rules"]
    ]
    return Table("hints", gettext("Hints and answers"), columns, rows, note=note)


def _build_hint_row(rule: Metrics, answers: Sequence[str], min_group_size: int) -> Sequence[Cell]:
    title = gettext("Requested hints") if rule["asked"] else rule["title"]
    if rule["version"] not in (None, 1):
        title = gettext("%(title)s (version %(version)s)") % {
            "title": title,
            "version": rule["version"],
        }
    given = rule["answers"] or {}
    return (
        title,
        _build_share(rule["learners"], min_group_size),
        ", ".join(str(position) for position in rule["steps"]),
        *(_build_share(given.get(answer), min_group_size) for answer in answers),
    )

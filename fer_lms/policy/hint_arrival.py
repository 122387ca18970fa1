"""What somebody who sees which hint reaches which student can tell about that student's face.

`manage.py measure_disclosure` measures it over simulated classes and writes the figures beside this
file; the form of a policy prints them where face evidence in hints is switched on.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from django.utils.translation import gettext as _

MEASUREMENT_PATH: Final = Path(__file__).with_suffix(".json")


@dataclass(frozen=True, slots=True)
class HintArrival:
    """Measured advantage of an observer in classes of these sizes.

    Attributes:
        n: Number of students, such as "5-7".
        advantage: Share of the error of the best guess without the hints that the hints take away.
        ci_low: Lower end of its 95 % interval.
        ci_high: Upper end.
    """

    n: str
    advantage: float
    ci_low: float
    ci_high: float


def load_hint_arrival() -> list[HintArrival]:
    """Return the stored measurement by class size; empty where none was stored."""
    if not MEASUREMENT_PATH.exists():
        return []
    rows = json.loads(MEASUREMENT_PATH.read_text(encoding="utf-8"))
    names = HintArrival.__slots__
    return [HintArrival(**{name: row[name] for name in names}) for row in rows]


def store_hint_arrival(rows: list[HintArrival]) -> None:
    """Store a measurement, which replaces the previous one."""
    content = [{name: getattr(row, name) for name in HintArrival.__slots__} for row in rows]
    MEASUREMENT_PATH.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def describe_hint_arrival() -> str:
    """Return the warning for the form of a policy, with the measured figures where there are."""
    text = _(
        "If set, a hint can come because a face looked tense. Whoever sees which hint reaches "
        "which student, and when, can then tell something about that student's face: a teacher "
        "who walks through the room, a neighbour, a shared screen. No rule of the reports "
        "prevents this. If not set, hints come only from what a student does in the lesson. At the "
        "validity that faces reach in schools, the face improves hints too little in simulations "
        "to be used without need; it is ignored where another expression model is in force than "
        "the one that it was fitted with."
    )
    figures = "; ".join(_format_row(row) for row in load_hint_arrival())
    if not figures:
        return text
    measured = _(
        "Measured over simulated classes, as the share by which the error of the best guess about "
        "one face shrinks, with a 95 %% interval: %(figures)s. Faces there are clearly calm or "
        "clearly tense, everybody answers wrong twice, and the teacher's rule is set between."
    )
    return f"{text} {measured % {'figures': figures}}"


def _format_row(row: HintArrival) -> str:
    return _("%(n)s students %(share).0f %% (%(low).0f to %(high).0f %%)") % {
        "n": row.n,
        "share": 100 * row.advantage,
        "low": 100 * row.ci_low,
        "high": 100 * row.ci_high,
    }

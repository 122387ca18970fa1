"""Explain in one sentence why a hint was offered, or why none was.

The sentences describe what was observed, never feelings, and never blame the learner.
"""

from collections.abc import Callable, Mapping
from typing import Final, Literal

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import ngettext

from fer_lms.engagement.activity import MAX_STORED_TIMES
from fer_lms.engagement.evidence import (
    EXCLUDED,
    FACE_PARTS,
    NO_BASELINE,
    NO_CAMERA,
    NOT_ENOUGH_SEEN,
)
from fer_lms.engagement.observations import WINDOW_SECONDS
from fer_lms.rules.engine.matching import Verdict

Audience = Literal["learner", "teacher"]
MIN_LISTED_PART: Final = 0.1
"""A smaller contribution is left out of the sentence."""


def explain(verdict: Verdict, audience: Audience) -> str:
    """Return a sentence about a verdict, addressed to the learner or to the teacher."""
    if verdict.reason in FIXED_TEXTS:
        text = _select_text(FIXED_TEXTS[verdict.reason], audience)
    else:
        text = VERDICT_TEXTS[verdict.reason](verdict, audience)
    return text[:1].upper() + text[1:] + "."


def describe_suppression(reason: str) -> str:
    """Return a sentence about a reason of suppression, for a group of learners."""
    return explain(Verdict(reason), "teacher")  # type: ignore[arg-type]


def list_disclosed_parts(parts: Mapping[str, float]) -> frozenset[str]:
    """Return the parts that may be reported of a group; all facial ones become "face"."""
    return frozenset("face" if name in FACE_PARTS else name for name in _select_parts(parts))


def describe_part(name: str) -> str:
    """Return a phrase for a part of `list_disclosed_parts`."""
    if name == "wrong":
        return _("answers that were not right yet")
    if name == "said_hard":
        return _("it was called hard")
    return _("signs in the face") if name == "face" else str(PART_TEXTS[name][1])


def _select_parts(parts: Mapping[str, float]) -> list[str]:
    """Return the names of the parts worth listing, the largest first."""
    ordered = sorted(parts.items(), key=lambda part: (-part[1], part[0]))
    return [
        name
        for name, amount in ordered
        if amount >= MIN_LISTED_PART and (name in PART_TEXTS or name == "wrong")
    ]


def _share_text(text: Promise) -> tuple[Promise, Promise]:
    return text, text


def _select_text(texts: tuple[Promise, Promise], audience: Audience) -> str:
    return str(texts[0] if audience == "learner" else texts[1])


def _explain_fired(verdict: Verdict, audience: Audience) -> str:
    signs = _describe_signs(verdict, audience)
    if verdict.held_windows:
        signs = _("%(signs)s, for %(seconds)s s") % {
            "signs": signs,
            "seconds": verdict.held_windows * WINDOW_SECONDS,
        }
    if verdict.seconds_since_hint is None:
        return signs
    return _("%(signs)s; the last hint was %(time)s ago") % {
        "signs": signs,
        "time": _format_span(verdict.seconds_since_hint),
    }


def _explain_unknown(verdict: Verdict, audience: Audience) -> str:
    return {
        NOT_ENOUGH_SEEN: _("not enough seen"),
        NO_BASELINE: _("not enough seen yet to know what is usual"),
        NO_CAMERA: _("nothing was done yet, and no camera is on"),
        EXCLUDED: _("nothing was done yet, and the face has no weight here"),
    }.get(verdict.face_unknown_reason, _("nothing is known yet"))


def _explain_calm(verdict: Verdict, audience: Audience) -> str:
    if "said_fine" in verdict.parts:
        if audience == "learner":
            return _("you said that it is fine")
        return _("the student said that it is fine")
    signs = _describe_signs(verdict, audience, none=_("no sign of difficulty"))
    return _("%(signs)s: too little for a hint") % {"signs": signs}


def _explain_too_short(verdict: Verdict, audience: Audience) -> str:
    return _("%(signs)s, but only for %(seconds)s s so far") % {
        "signs": _describe_signs(verdict, audience),
        "seconds": verdict.held_windows * WINDOW_SECONDS,
    }


def _explain_cooldown(verdict: Verdict, audience: Audience) -> str:
    return _("the last hint was %(time)s ago; the next may come in %(wait)s") % {
        "time": _format_span(verdict.seconds_since_hint or 0),
        "wait": _format_span(verdict.wait_seconds),
    }


def _describe_signs(verdict: Verdict, audience: Audience, *, none: str = "") -> str:
    phrases = []
    for name in _select_parts(verdict.parts):
        if name == "wrong":
            phrases.append(_count_wrong_answers(verdict.wrong_answers))
        else:
            phrases.append(_select_text(PART_TEXTS[name], audience))
    if not phrases:
        return none or _("a little of several signs")
    if len(phrases) == 1:
        return phrases[0]
    first = ", ".join(phrases[:-1])
    return _("%(first)s and %(last)s") % {"first": first, "last": phrases[-1]}


def _count_wrong_answers(count: int) -> str:
    if not count:  # they still count, though none of them is recent
        return _("answers that were not right yet")
    if count >= MAX_STORED_TIMES:
        return _("at least %(n)s answers that were not right yet") % {"n": count}
    return ngettext(
        "one answer that was not right yet", "%(n)s answers that were not right yet", count
    ) % {"n": count}


def _format_span(seconds: int) -> str:
    if seconds < 90:
        return ngettext("%(n)s second", "%(n)s seconds", seconds) % {"n": seconds}
    minutes = round(seconds / 60)
    return ngettext("%(n)s minute", "%(n)s minutes", minutes) % {"n": minutes}


PART_TEXTS: Final[Mapping[str, tuple[Promise, Promise]]] = {
    "guessing": _share_text(_lazy("several answers in quick succession")),
    "asked": (_lazy("you asked for a hint"), _lazy("a hint was asked for")),
    "said_hard": (_lazy("you said that it is hard"), _lazy("the student said that it is hard")),
    "dwelling": _share_text(_lazy("this step takes long")),
    "revisits": (
        _lazy("you went back to an earlier step"),
        _lazy("an earlier step was opened again"),
    ),
    "idle": _share_text(_lazy("nothing was done for a while")),
    "unmastered": _share_text(_lazy("no two right answers in a row for a while")),
    "silent": _share_text(_lazy("no answer for a while")),
    "hidden": _share_text(_lazy("another page was in front")),
    "brow": (_lazy("your brow looked tense"), _lazy("a tense brow")),
    "squint": (_lazy("your eyes were narrowed"), _lazy("narrowed eyes")),
    "mouth": (_lazy("your mouth looked tense"), _lazy("a tense mouth")),
    "negative": (
        _lazy("your face looked less relaxed than usual"),
        _lazy("a face less relaxed than usual"),
    ),
    "away": (_lazy("you looked elsewhere"), _lazy("looking elsewhere")),
    "absent": _share_text(_lazy("nobody was in the picture")),
}
"""(to the learner, about the learner)"""

FIXED_TEXTS: Final[Mapping[str, tuple[Promise, Promise]]] = {
    "face_alone": _share_text(_lazy("only the face says so, and that is too little")),
    "lesson_full": _share_text(_lazy("as many hints as a lesson may have were given")),
    "rule_full": _share_text(_lazy("this kind of hint was given as often as it may be")),
    "other_step": _share_text(_lazy("this help is meant for another step")),
    "other_learner": _share_text(_lazy("this help is meant for others")),
    "quiet": _share_text(_lazy("this is a quiet time")),
    "muted": (_lazy("you asked to be left alone"), _lazy("hints are not wanted now")),
    "switched_off": _share_text(_lazy("hints are switched off here")),
}
"""(to the learner, about the learner) by reason"""

VERDICT_TEXTS: Final[Mapping[str, Callable[[Verdict, Audience], str]]] = {
    "fired": _explain_fired,
    "unknown": _explain_unknown,
    "calm": _explain_calm,
    "too_short": _explain_too_short,
    "cooldown": _explain_cooldown,
}

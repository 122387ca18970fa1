"""Why a hint came, or why none did, in one sentence: to the learner, or of the learner.

Small claims and no verdicts: it says what was seen and done, never what anybody feels. The
material may be hard; the learner is never at fault.
"""

from collections.abc import Callable, Mapping
from typing import Final, Literal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from fer_lms.engagement.evidence import (
    DOES_NOT_FIT,
    FACE_PARTS,
    NO_BASELINE,
    NO_CAMERA,
    NOT_ENOUGH_SEEN,
)
from fer_lms.rules.engine.matching import Verdict

Audience = Literal["learner", "teacher"]
WINDOW: Final = 10
SHOWN_FROM: Final = 0.05
"""A part smaller than this is not worth a word."""


def why(verdict: Verdict, audience: Audience) -> str:
    """One sentence, with a capital and a full stop."""
    sentence = WORDS[verdict.reason](verdict, audience)
    return sentence[:1].upper() + sentence[1:] + "."


def list_disclosed_parts(parts: Mapping[str, float]) -> frozenset[str]:
    """The parts that a group is told of; everything of the face is one."""
    return frozenset(
        "face" if name in FACE_PARTS else name
        for name, amount in parts.items()
        if amount >= SHOWN_FROM and (name in PARTS or name == "wrong")
    )


def describe_part(name: str) -> str:
    """What spoke for hints to a group, in a few words; the face's signs are one."""
    if name == "wrong":
        return _("answers that were not right yet")
    if name == "said_hard":
        return _("it was called hard")
    return _("signs in the face") if name == "face" else PARTS[name][1]()


def describe_silence(reason: str) -> str:
    """Why a rule was silent towards a group."""
    sentence = WORDS[reason](Verdict(reason), "teacher")  # type: ignore[arg-type]
    return sentence[:1].upper() + sentence[1:] + "."


def _fired(verdict: Verdict, audience: Audience) -> str:
    signs = _signs(verdict, audience)
    if verdict.held:
        signs = _("%(signs)s, for %(seconds)s s") % {
            "signs": signs,
            "seconds": verdict.held * WINDOW,
        }
    if verdict.last_hint_seconds is None:
        return signs
    return _("%(signs)s; the last hint was %(time)s ago") % {
        "signs": signs,
        "time": _span(verdict.last_hint_seconds),
    }


def _unknown(verdict: Verdict, audience: Audience) -> str:
    return {
        NOT_ENOUGH_SEEN: _("not enough seen"),
        NO_BASELINE: _("not enough seen yet to know what is usual"),
        NO_CAMERA: _("nothing was done yet, and no camera is on"),
        DOES_NOT_FIT: _("nothing was done yet, and the face has no weight here"),
    }.get(verdict.no_face_because, _("nothing is known yet"))


def _calm(verdict: Verdict, audience: Audience) -> str:
    if "said_fine" in verdict.parts:
        if audience == "learner":
            return _("you said that it is fine")
        return _("the learner said that it is fine")
    signs = _signs(verdict, audience, nothing=_("nothing that asks for help"))
    return _("%(signs)s: too little for a hint") % {"signs": signs}


def _too_short(verdict: Verdict, audience: Audience) -> str:
    return _("%(signs)s, but only for %(seconds)s s so far") % {
        "signs": _signs(verdict, audience),
        "seconds": verdict.held * WINDOW,
    }


def _cooldown(verdict: Verdict, audience: Audience) -> str:
    return _("the last hint was %(time)s ago; the next may come in %(wait)s") % {
        "time": _span(verdict.last_hint_seconds or 0),
        "wait": _span(verdict.wait_seconds),
    }


def _signs(verdict: Verdict, audience: Audience, *, nothing: str = "") -> str:
    """The parts, the largest first, joined; the counts that only the parts can tell left out."""
    ordered = sorted(verdict.parts.items(), key=lambda part: (-part[1], part[0]))
    words = [
        _wrong(verdict.wrong) if name == "wrong" else _part(name, audience)
        for name, amount in ordered
        if amount >= SHOWN_FROM and (name in PARTS or name == "wrong")
    ]
    if not words:
        return nothing or _("a little of several signs")
    if len(words) == 1:
        return words[0]
    return _("%(first)s and %(last)s") % {"first": ", ".join(words[:-1]), "last": words[-1]}


def _part(name: str, audience: Audience) -> str:
    learner, teacher = PARTS[name]
    return learner() if audience == "learner" else teacher()


def _wrong(count: int) -> str:
    return ngettext(
        "one answer that was not right yet", "%(n)s answers that were not right yet", count
    ) % {"n": count}


def _span(seconds: int) -> str:
    if seconds < 90:
        return ngettext("%(n)s second", "%(n)s seconds", seconds) % {"n": seconds}
    minutes = round(seconds / 60)
    return ngettext("%(n)s minute", "%(n)s minutes", minutes) % {"n": minutes}


def _always(text: Callable[[], str]) -> Callable[[Verdict, Audience], str]:
    return lambda _verdict, _audience: text()


def _to(learner: Callable[[], str], teacher: Callable[[], str]) -> Callable[..., str]:
    return lambda _verdict, audience: learner() if audience == "learner" else teacher()


PARTS: Final[Mapping[str, tuple[Callable[[], str], Callable[[], str]]]] = {
    "guessing": (
        lambda: _("several answers in quick succession"),
        lambda: _("several answers in quick succession"),
    ),
    "asked": (lambda: _("you asked for a hint"), lambda: _("a hint was asked for")),
    "said_hard": (lambda: _("you said that it is hard"), lambda: _("the learner said it is hard")),
    "dwelling": (
        lambda: _("this step takes long"),
        lambda: _("this step takes long"),
    ),
    "revisits": (
        lambda: _("you went back to an earlier step"),
        lambda: _("an earlier step was opened again"),
    ),
    "idle": (lambda: _("nothing was done for a while"), lambda: _("nothing was done for a while")),
    "hidden": (
        lambda: _("another page was in front"),
        lambda: _("another page was in front"),
    ),
    "brow": (lambda: _("your brow looked tense"), lambda: _("a tense brow")),
    "squint": (lambda: _("your eyes were narrowed"), lambda: _("narrowed eyes")),
    "mouth": (lambda: _("your mouth looked tense"), lambda: _("a tense mouth")),
    "negative": (
        lambda: _("your face looked less relaxed than usual"),
        lambda: _("a face less relaxed than usual"),
    ),
    "away": (lambda: _("you looked elsewhere"), lambda: _("looking elsewhere")),
    "absent": (
        lambda: _("nobody was in the picture"),
        lambda: _("nobody was in the picture"),
    ),
}
"""(to the learner, of the learner)"""

WORDS: Final[Mapping[str, Callable[[Verdict, Audience], str]]] = {
    "fired": _fired,
    "unknown": _unknown,
    "calm": _calm,
    "too_short": _too_short,
    "cooldown": _cooldown,
    "face_alone": _always(lambda: _("only the face says so, and that is too little")),
    "spoken": _always(lambda: _("a hint was given, and nothing has changed since")),
    "lesson_full": _always(lambda: _("as many hints as a lesson may have were given")),
    "rule_full": _always(lambda: _("this kind of hint was given as often as it may be")),
    "other_step": _always(lambda: _("this help is meant for another step")),
    "other_learner": _always(lambda: _("this help is meant for others")),
    "quiet": _always(lambda: _("this is a quiet time")),
    "muted": _to(lambda: _("you asked to be left alone"), lambda: _("hints are not wanted now")),
    "switched_off": _always(lambda: _("hints are switched off here")),
}

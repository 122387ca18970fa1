"""What a report says in words. Stored as keys, so that it is read in the reader's language.

A finding speaks of the material, never of a learner, and names what it does not cover.
"""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext

from fer_lms.reports.summary import NOT_ENOUGH_SEEN, TOO_FEW_LEARNERS, WITHDRAWN

MIN_HARD_SHARE = 0.5
"""The share of those who said how a step is from which it is pointed out."""
MIN_ENGAGEMENT_DROP = 0.05
"""How far below the lesson's mean a step's index must lie to be pointed out (ours)."""

Figures = dict[str, Any]


def select_finding(summary: Figures) -> Figures:
    """The one thing to say about a lesson, as a key and what the sentence needs."""
    if summary["withheld"]:
        return _without_camera(summary.get("steps", ())) or {"kind": summary["withheld"]}
    finding = _about_steps(summary) or {"kind": "even"}
    unseen, bins = _unseen(summary["timeline"])
    return finding | {"unseen_percent": round(100 * unseen / bins) if bins else 0}


def format_finding(finding: Figures) -> str:
    sentence = _sentence(finding)
    unseen = finding.get("unseen_percent", 0)
    if not unseen:
        return f"{sentence}."
    gap = gettext("nothing can be said about %(percent)s %% of the time") % {"percent": unseen}
    return f"{sentence}; {gap}."


def list_limit_keys(*, preset: str, simulated: bool) -> list[str]:
    keys = ["faces", "learning", "adults", "accuracy", "coverage", f"preset_{preset}"]
    return ["simulated", *keys] if simulated else keys


def format_limits(keys: list[str]) -> list[str]:
    texts = {
        "simulated": gettext(
            "Some of the learners in this report are simulated: they are played by the "
            "demonstration and are no people."
        ),
        "faces": gettext(
            "The figures describe faces. A face is weak evidence for what a learner feels or "
            "thinks: boredom looks neutral, and many people smile when they are stuck."
        ),
        "learning": gettext(
            "Being stuck for a while is part of learning. A low figure is a question to the "
            "material, not a judgement of a learner."
        ),
        "adults": gettext(
            "The model learned from pictures found on the web, of people of unknown ages. It was "
            "not measured with pupils. Expect it to be wrong far more often with them, and with "
            "learners whose expressions are unusual, such as many autistic learners."
        ),
        "accuracy": gettext(
            "Two people who look at the same picture of a face agree on its expression about 65 "
            "times in 100. How often the model agrees with most people is in its model card."
        ),
        "coverage": gettext(
            "Only learners who shared their camera are counted, and only while their faces could "
            "be seen. Where that was less than half of the time, no figure is shown."
        ),
        "told_to_store": gettext(
            "The number of learners (in whole groups), the coverage and the mean index were also "
            "sent to your institution's learning record store. They cannot be called back from "
            "there. Where this report is withdrawn, the store is asked to void them; what it then "
            "does with them is up to your institution."
        ),
        "preset_transparent": gettext(
            "The engagement index says how far learners looked towards the screen with open eyes. "
            "Someone who listens, writes or thinks while looking away has a low index."
        ),
        "preset_sharma2019": gettext(
            "The engagement index is that of Sharma et al. 2019 with two changes of ours: eye and "
            "gaze ratios come from other landmarks, and contempt, which the paper lacks, is left "
            "out. It rates a neutral face highest."
        ),
        "preset_head_only": gettext(
            "The engagement index says how far learners' heads pointed at the screen, and looks at "
            "nothing else of the face. Someone who listens, writes or thinks while looking away "
            "has a low index."
        ),
    }
    return [texts[key] for key in keys]


def _about_steps(summary: Figures) -> Figures | None:
    steps = [s for s in summary["steps"] if not s["withheld"] and s["engagement"] is not None]
    if len(steps) < 2 or summary["engagement"] is None:
        return None
    least = min(steps, key=lambda step: (step["engagement"], step["position"]))
    longest = _longest(steps)
    if least["engagement"] <= summary["engagement"]["mean"] - MIN_ENGAGEMENT_DROP:
        return _finding("longest_and_least" if least is longest else "least", least)
    return _finding("longest", longest) if longest else None


def _without_camera(steps: Sequence[Figures]) -> Figures | None:
    """What the lesson's steps say where no face does."""
    said = [step for step in steps if step.get("said")]
    hardest = max(said, key=lambda step: (step["said"]["hard"], -step["position"]), default=None)
    if hardest and hardest["said"]["hard"] >= MIN_HARD_SHARE:
        return _finding("called_hard", hardest)
    longest = _longest(steps)
    return _finding("longest_only", longest) if longest else None


def _longest(steps: Sequence[Figures]) -> Figures | None:
    timed = [step for step in steps if step.get("seconds") is not None]
    return max(timed, key=lambda step: (step["seconds"], -step["position"]), default=None)


def _finding(kind: str, step: Figures) -> Figures:
    return {"kind": kind, "position": step["position"], "title": step["title"]}


def _unseen(timeline: list[Figures]) -> tuple[int, int]:
    return sum(1 for row in timeline if row["withheld"]), len(timeline)


def _sentence(finding: Figures) -> str:
    sentences = {
        TOO_FEW_LEARNERS: gettext(
            "Too few learners shared their camera to show figures of the class"
        ),
        NOT_ENOUGH_SEEN: gettext("Too little could be seen to say anything about this lesson"),
        WITHDRAWN: gettext(
            "The figures of this lesson were withdrawn, because somebody in them had theirs deleted"
        ),
        "called_hard": gettext(
            "Step %(position)s, “%(title)s”, was called hard by many of those who said how it was"
        ),
        "longest_only": gettext("Step %(position)s, “%(title)s”, took longest"),
        "even": gettext("The lesson held the class about equally throughout"),
        "least": gettext("Step %(position)s, “%(title)s”, held the class least"),
        "longest_and_least": gettext(
            "Step %(position)s, “%(title)s”, took longest and held the class least"
        ),
        "longest": gettext(
            "Step %(position)s, “%(title)s”, took longest; no step held the class "
            "clearly less than the others"
        ),
    }
    return sentences[finding["kind"]] % finding

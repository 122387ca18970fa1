"""The headline and the limitations of a report.

A headline states what students said and did first, and what the camera shows second.

Reports store keys, so that each reader sees the text in their own language. A headline is about
the material, never about a learner, and states how much is unknown.
"""

from collections.abc import Sequence

from django.utils.translation import gettext

from fer_lms.disclosure.figures import CHANGED_GROUP, FEW_PRESENT, TOO_FEW_LEARNERS
from fer_lms.number_text import format_percent
from fer_lms.reports.difficulty import (
    HARD,
    NONE_HARD,
    NONE_HARD_LONGEST,
    format_signals,
    select_activity_finding,
)
from fer_lms.reports.summary import (
    EARLIER_VERSION,
    NOT_ENOUGH_SEEN,
    NOT_YET,
    WITHDRAWN,
    Metrics,
)

LINKED_LEVEL = "linked_level"
MIN_ENGAGEMENT_DROP = 0.1
"""Difference to the lesson's mean engagement from which a step is named; not from a publication.
Engagement is rounded to it: a step is named only if its rounded value is the only lowest one."""


def select_finding(summary: Metrics, min_group_size: int = 1) -> Metrics:
    """Select the headline of a report: what students said and did, then the camera figures.

    Args:
        summary: The body of the report so far, with its steps.
        min_group_size: The threshold of the disclosure control, which clamps shares of actions.

    Returns:
        The kind and values of a sentence and, in `camera`, those of a second one, if any.
    """
    steps = summary.get("steps", ())
    activity = select_activity_finding(steps, min_group_size)
    camera = _select_camera_finding(summary)
    if activity is None:
        return camera or {"kind": summary["withheld"] or _find_reason(steps)}
    if camera and camera["kind"] == "least" and camera["position"] == activity.get("position"):
        camera["kind"] = "least_there"
    return activity | {"camera": camera}


def format_finding(finding: Metrics) -> str:
    """Format a headline in the reader's language."""
    sentences = _get_sentences()
    values = finding | {"evidence": format_signals(finding)} if "signals" in finding else finding
    sentence = sentences[finding["kind"]] % values
    percent = finding.get("unseen_percent", 0)
    if percent:
        gap = gettext("no data for %(share)s of the time") % {
            "share": format_percent(percent / 100)
        }
        sentence = f"{sentence}; {gap}"
    camera = finding.get("camera")
    return f"{sentence}. {format_finding(camera)}" if camera else f"{sentence}."


def list_limit_keys(
    *, preset: str, simulated: bool, is_fitted: bool = True, is_linked: bool = False
) -> list[str]:
    keys = ["faces", "learning", "adults", "accuracy", "coverage", f"preset_{preset}"]
    if is_linked:
        keys.insert(0, LINKED_LEVEL)
    if not is_fitted:
        keys.append("other_network")
    return ["simulated", *keys] if simulated else keys


def format_limits(keys: list[str]) -> list[str]:
    """Format limitations in the reader's language."""
    texts = {
        "simulated": gettext(
            "Some of the students in this report are simulated by the demonstration. They are not "
            "real people."
        ),
        "faces": gettext(
            "The report describes faces. A face is weak evidence of what a student feels or "
            "thinks: boredom looks neutral, and many people smile when they are stuck."
        ),
        "learning": gettext(
            "Being stuck for a while is part of learning. A low value is a question about the "
            "material, not a judgement of a student."
        ),
        "adults": gettext(
            "The model was trained with pictures from the web, of people of unknown ages. It was "
            "not tested with pupils. Expect it to be wrong far more often with them, and with "
            "students whose expressions are unusual, such as many autistic students."
        ),
        "accuracy": gettext(
            "Two people who look at the same picture of a face agree on its expression about 65 "
            "times in 100. How often the model agrees with most people is in its model card."
        ),
        "other_network": gettext(
            "The hints of this lesson used no face: their evidence was fitted with another model."
        ),
        "coverage": gettext(
            "Results from the camera describe only students who shared it, always the same ones "
            "and with equal weight; while one was not visible, their own average is used. Values "
            "are rounded. How much of the time students were visible is not shown."
        ),
        LINKED_LEVEL: gettext(
            "The level is that of an earlier lesson with this class, changed by the average change "
            "of the students who shared their camera in both lessons."
        ),
        "told_to_store": gettext(
            "The smallest possible number of students and the mean engagement were also sent to "
            "your institution's learning record store. They cannot be deleted from here. If this "
            "report is withdrawn, the store is asked to void them; what it does then is up to "
            "your institution."
        ),
        EARLIER_VERSION: gettext(
            "This report was stored by an earlier version of this software. Its averages are "
            "rounded, and its values by step and minute are no longer shown."
        ),
        "preset_transparent": gettext(
            "The engagement index measures how far students looked towards the screen with open "
            "eyes. A student who listens, writes or thinks while looking away has a low index."
        ),
        "preset_sharma2019": gettext(
            "The engagement index is that of Sharma et al. 2019 with two changes of ours: eye and "
            "gaze ratios come from other landmarks, and contempt, which is not in the paper, is "
            "left out. It rates a neutral face highest."
        ),
        "preset_head_only": gettext(
            "The engagement index measures how far students' heads pointed at the screen, and "
            "nothing else of the face. A student who listens, writes or thinks while looking away "
            "has a low index."
        ),
    }
    return [texts[key] for key in keys]


def _select_camera_finding(summary: Metrics) -> Metrics | None:
    """Select what the camera figures of the steps say; None if there are not two of them."""
    steps = summary.get("steps", ())
    if summary["withheld"]:
        return None
    finding = _select_lowest(summary) or _select_lower(steps)
    if finding is None and not _has_step_engagement(steps):
        return None
    timeline = summary["timeline"]
    withheld = sum(1 for row in timeline if row["withheld"])
    unseen = round(100 * withheld / len(timeline)) if timeline else 0
    return (finding or {"kind": "even"}) | {"unseen_percent": unseen}


def _select_lowest(summary: Metrics) -> Metrics | None:
    steps = [s for s in summary["steps"] if not s["withheld"] and s["engagement"] is not None]
    if len(steps) < 2 or summary["engagement"] is None:
        return None
    lowest = min(steps, key=lambda step: (step["engagement"], step["position"]))
    drop = summary["engagement"]["mean"] - lowest["engagement"]
    is_only = sum(step["engagement"] == lowest["engagement"] for step in steps) == 1
    if is_only and round(drop, 4) >= MIN_ENGAGEMENT_DROP:
        return _build_finding("least", lowest)
    return None


def _select_lower(steps: Sequence[Metrics]) -> Metrics | None:
    """Select the step of a group without levels that alone is lower than the lesson's mean."""
    lower = [step for step in steps if step["change"] == "lower"]
    return _build_finding("least", lower[0]) if len(lower) == 1 else None


def _find_reason(steps: Sequence[Metrics]) -> str:
    """Find why no step has figures."""
    reasons = {step["withheld"] for step in steps}
    known = {NOT_YET: "steps_not_yet", CHANGED_GROUP: "steps_changed_group"}
    return next((known[reason] for reason in known if reason in reasons), "no_steps")


def _has_step_engagement(steps: Sequence[Metrics]) -> bool:
    return sum(step["engagement"] is not None for step in steps) >= 2


def _build_finding(kind: str, step: Metrics) -> Metrics:
    return {"kind": kind, "position": step["position"], "title": step["title"]}


def _get_sentences() -> dict[str, str]:
    return {
        FEW_PRESENT: gettext("Too few students opened the lesson to show results from the camera"),
        TOO_FEW_LEARNERS: gettext("Too few students shared their camera to show class results"),
        NOT_ENOUGH_SEEN: gettext("Too little could be seen to say anything about this lesson"),
        WITHDRAWN: gettext(
            "The results of this lesson were withdrawn because a student's data was deleted"
        ),
        CHANGED_GROUP: gettext("Results are not shown, because the group changed"),
        EARLIER_VERSION: gettext(
            "Results from the camera are not shown, because the lesson began under an earlier "
            "version of this software"
        ),
        NOT_YET: gettext("Results follow when the lesson is closed"),
        "steps_not_yet": gettext("Results by step follow when the lesson is closed"),
        "steps_changed_group": gettext("Results by step are not shown, because the group changed"),
        "no_steps": gettext("No step can be compared with the others"),
        HARD: gettext("Step %(position)s, “%(title)s”, was hard: %(evidence)s"),
        NONE_HARD: gettext("No step was hard for most students"),
        NONE_HARD_LONGEST: gettext(
            "No step was hard for most students; step %(position)s, “%(title)s”, took the longest"
        ),
        "least_there": gettext("Engagement was lowest there too"),
        **_get_former_sentences(),
        "longest_only": gettext("Step %(position)s, “%(title)s”, took the longest"),
        "even": gettext("Engagement was about the same in all steps"),
        "least": gettext("Lowest engagement in step %(position)s, “%(title)s”"),
    }


def _get_former_sentences() -> dict[str, str]:
    """Return the sentences of reports that were stored by earlier versions."""
    return {
        "called_hard": gettext(
            "Step %(position)s, “%(title)s”, was called hard by many of the students who rated it"
        ),
        "longest_and_least": gettext(
            "Step %(position)s, “%(title)s”, took the longest and had the lowest engagement"
        ),
        "longest": gettext(
            "Step %(position)s, “%(title)s”, took the longest; no step had clearly lower "
            "engagement than the others"
        ),
    }

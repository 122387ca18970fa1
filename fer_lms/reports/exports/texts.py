"""Names of a report's values, in the reader's language."""

from django.utils.translation import gettext


def get_expression_texts() -> dict[str, str]:
    return {
        "neutral": gettext("Neutral"),
        "happiness": gettext("Happy"),
        "surprise": gettext("Surprised"),
        "sadness": gettext("Sad"),
        "anger": gettext("Angry"),
        "disgust": gettext("Disgusted"),
        "fear": gettext("Afraid"),
        "contempt": gettext("Contemptuous"),
    }


def get_state_texts() -> dict[str, str]:
    return {
        "open": gettext("The lesson is open; these results are not complete."),
        "provisional": gettext("Provisional: the last results are being added."),
        "final": gettext("Final: no results are added any more."),
    }


def get_change_texts() -> dict[str, str]:
    """Return how a figure compares with the whole lesson, where levels are not shown."""
    return {
        "lower": gettext("lower than in the whole lesson"),
        "similar": gettext("about the same as in the whole lesson"),
        "higher": gettext("higher than in the whole lesson"),
    }


def get_answer_texts() -> dict[str, str]:
    return {
        "helped": gettext("That helped, or yes"),
        "fine": gettext("I'm fine, or no"),
        "not_now": gettext("Not now"),
        "alone": gettext("Leave me alone"),
    }


def get_withheld_text(reason: str | None) -> str:
    """Return why a value is not shown; "" without a reason."""
    if not reason:
        return ""
    return {
        "too_few_learners": gettext("too few students"),
        "few_present": gettext("too few students were in the lesson"),
        "withdrawn": gettext("withdrawn"),
        "changed_group": gettext("the group has changed"),
        "earlier_version": gettext("stored by an earlier version"),
        "not_yet": gettext("shown when the lesson is closed"),
        "similar_group": gettext("only differences within the lesson are shown"),
        "not_enough_seen": gettext("not enough visible"),
    }.get(reason, gettext("not shown"))

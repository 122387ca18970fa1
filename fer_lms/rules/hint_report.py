"""Hints of a sitting, for its teacher: a class, never a learner."""

from collections import Counter
from typing import Any

from fer_lms.lessons.models import LessonSession, Role
from fer_lms.policy.queries import smallest_group
from fer_lms.rules.learner import state_from
from fer_lms.rules.matching import Verdict
from fer_lms.rules.models import Hint, RuleState
from fer_lms.rules.wording import why


def hint_report(session: LessonSession) -> dict[str, Any]:
    """How many hints came, by rule, step and answer, and why rules are silent now.

    Withheld while fewer learners than the smallest group have been here.
    """
    learners = session.participants.filter(role=Role.STUDENT).count()
    if learners < smallest_group():
        return {"withheld": "too_few_learners", "rules": [], "reasons": []}
    hints = Hint.objects.filter(participant__session=session).exclude(state=Hint.State.WITHHELD)
    by_rule: dict[int | None, list[Hint]] = {}
    for hint in hints.select_related("rule", "step").prefetch_related("answers"):
        by_rule.setdefault(hint.rule_id, []).append(hint)
    return {
        "withheld": None,
        "rules": [_row(rule, given) for rule, given in by_rule.items()],
        "reasons": _reasons(session),
    }


def _row(rule: int | None, given: list[Hint]) -> dict[str, Any]:
    return {
        "rule_id": rule,
        "title": given[0].rule.title if given[0].rule else "",
        "given": len(given),
        "answers": Counter(answer.answer for hint in given for answer in hint.answers.all()),
        "by_step": Counter(hint.step.title if hint.step else "" for hint in given),
    }


def _reasons(session: LessonSession) -> list[dict[str, Any]]:
    """Each rule's last word on each learner, counted; withheld where it is a few learners'."""
    reasons: Counter[str] = Counter()
    for body in RuleState.objects.filter(participant__session=session).values_list(
        "body", flat=True
    ):
        try:
            verdicts = state_from(body).verdicts
        except KeyError:
            continue
        reasons.update(verdict.reason for _, verdict in verdicts.values())
    total = sum(reasons.values()) or 1
    return [
        {
            "reason": reason,
            "words": why(Verdict(reason), "teacher"),  # type: ignore[arg-type]
            "share": round(count / total, 2),
        }
        for reason, count in reasons.most_common()
        if count >= smallest_group()
    ]

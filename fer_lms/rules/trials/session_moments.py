"""Load learners' answers to "Was this the right moment?" and compare the sources of evidence."""

from fer_lms.lessons.queries import filter_real_students
from fer_lms.policy.queries import get_min_group_size
from fer_lms.rules.models import Hint
from fer_lms.rules.trials.moments import MomentAnswer, MomentComparison, compare_sources


def compare_session_sources() -> MomentComparison:
    """Compare rules with and without faces over the answers of all real learners."""
    return compare_sources(load_moment_answers(), get_min_group_size())


def load_moment_answers() -> list[MomentAnswer]:
    """Return the answered hints of ended sessions for which a face was seen.

    Without a face both sources are the same. Simulated users and teachers do not count.
    """
    answered = (
        Hint.objects.filter(
            filter_real_students(),
            participant__session__ended_at__isnull=False,
            rule__isnull=False,
        )
        .exclude(timing="")
        .exclude(participant__user__simulated=True)
    )
    rows = answered.values_list("participant__user__public_id", "timing", "sources")
    return [
        MomentAnswer(
            learner, timing, frozenset(name for name, reached in sources.items() if reached)
        )
        for learner, timing, sources in rows
        if "face" in sources
    ]

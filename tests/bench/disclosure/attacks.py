"""Attacks on the figures of the camera; each student of a session is one trial.

An attack plays one or more sessions with a class, reads the released bodies, and returns a row for
each target. `given` is what is known without the target's own data: the released mean, the effect
of the steps on the class, and attendance. `released` is everything else that the attack uses.
"""

from functools import partial

from tests.bench.disclosure.course_attacks import play_sessions, play_withdrawal
from tests.bench.disclosure.plays import SHARING_PROBABILITY, Attack
from tests.bench.disclosure.sharing_attacks import (
    play_camera_count,
    play_class_of_five,
    play_coverage,
    play_erasure_signal,
    play_few_in_picture,
    play_late_sharing,
    play_out_of_second_session,
    play_out_until_decision,
    play_shown,
    play_similar_group,
    play_target_out,
)
from tests.bench.disclosure.value_attacks import (
    play_alone_in_picture,
    play_early_leaving,
    play_expression,
    play_frozen_absences,
    play_homework,
    play_late_arrival,
    play_live_absences,
    play_live_against_frozen,
    play_steps,
)

ATTACKS: tuple[Attack, ...] = (
    Attack("live polling around absences", "value", play_live_absences),
    Attack("frozen report around absences", "value", play_frozen_absences),
    Attack("late arrival", "value", play_late_arrival),
    Attack("early leaving", "value", play_early_leaving),
    Attack("live against frozen", "value", play_live_against_frozen),
    Attack("homework", "value", play_homework),
    Attack("expression shares", "value", play_expression),
    Attack(
        "steps against timeline",
        "value",
        partial(play_steps, contrast=False),
    ),
    Attack(
        "steps against timeline, contrast",
        "value",
        partial(play_steps, contrast=True),
    ),
    Attack(
        "two sessions, one student more",
        "value",
        partial(play_sessions, attended="one_more"),
        weight=3,
    ),
    Attack(
        "two sessions, one student less",
        "value",
        partial(play_sessions, attended="one_less"),
        weight=3,
    ),
    Attack(
        "many sessions of a course",
        "value",
        partial(play_sessions, attended="many"),
        weight=3,
    ),
    Attack(
        "cohorts of three sessions combined",
        "value",
        partial(play_sessions, attended="three"),
        weight=3,
    ),
    Attack(
        "pair of three sessions combined",
        "value",
        partial(play_sessions, attended="pair"),
        weight=3,
    ),
    Attack("withdrawal in the middle", "value", play_withdrawal),
    Attack("exact number of cameras", "choice", play_camera_count, weight=3),
    Attack("does a late-comer share", "choice", partial(play_late_sharing, late=1), weight=2),
    Attack("does one of five late-comers share", "choice", partial(play_late_sharing, late=5)),
    Attack("same class, target out of the second", "choice", play_out_of_second_session, weight=4),
    Attack("out of the picture until the decision", "choice", play_out_until_decision),
    Attack("coverage likelihood", "choice", play_coverage, weight=2),
    Attack("few in the picture", "choice", play_few_in_picture, weight=4),
    Attack("target out of the picture", "choice", play_target_out, weight=4),
    Attack("class as large as the threshold", "choice", play_class_of_five),
    Attack("alone in the picture, contrast", "value", play_alone_in_picture, weight=3),
    Attack(
        "level withheld for a similar group",
        "choice",
        partial(play_similar_group, at_threshold=False),
        weight=3,
    ),
    Attack(
        "shown or withheld, one student absent",
        "choice",
        partial(play_similar_group, at_threshold=True),
        weight=4,
    ),
    Attack(
        "shown or withheld",
        "choice",
        partial(play_shown, probability=SHARING_PROBABILITY),
        weight=4,
    ),
    Attack(
        "shown or withheld, half share",
        "choice",
        partial(play_shown, probability=0.5),
        weight=8,
    ),
    Attack("erasure during the lesson", "choice", play_erasure_signal),
)

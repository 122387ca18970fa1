"""The privacy page's part on help: baselines, hints, answers, and the rules behind them."""

from django.utils.translation import gettext

from fer_lms.policy.stored_shapes import StoredField, StoredGroup

Fields = tuple[StoredField, ...]


def help_groups(days: str, hint_days: str) -> list[StoredGroup]:
    """`days`: of what was read from the camera; `hint_days`: of hints."""
    with_windows = gettext("%(days)s, or until you take the camera back.") % {"days": days}
    with_hints = hint_days + "."
    return [
        _baseline(with_windows),
        _reset(days + "."),
        _hint(with_hints, days),
        _answer(with_hints),
        _word(with_hints),
        _state(days + "."),
        _settings(with_hints),
        _taken_in(),
        _wish(),
        _switch(),
        _rule(),
        _version(),
    ]


def _group(model: str, title: str, why: str, until: str, *fields: StoredField) -> StoredGroup:
    return StoredGroup(title=title, why=why, until=until, model=model, fields=fields)


def _baseline(until: str) -> StoredGroup:
    return _group(
        "engagement.LearnerBaseline",
        gettext("How you usually look in this lesson"),
        gettext(
            "Faces differ. What the camera sees later is compared with your own first seconds, and "
            "with nobody else's. It is never shared, and you can begin anew at any time."
        ),
        until,
        StoredField(
            gettext("When"),
            gettext(
                "From which seconds it was made, under which of your answers, and when it is "
                "of no use any more."
            ),
            ("participant", "consent_epoch", "from_at", "until_at", "expires_at", "retired_at"),
        ),
        StoredField(
            gettext("Signs of face and head, added up"),
            gettext("Sums and sums of squares over 20 to 29 seconds; how much could be seen."),
            (
                "seen_seconds",
                "readings",
                "sign_sums",
                "sign_square_sums",
                "scored",
                "negative_sum",
            ),
        ),
    )


def _reset(until: str) -> StoredGroup:
    return _group(
        "engagement.BaselineReset",
        gettext("That you began anew"),
        gettext("So that what was seen before does not count any more."),
        until,
        StoredField(
            gettext("When"),
            gettext("When you asked for it, and when it was done."),
            ("participant", "asked_at", "evaluated_at"),
        ),
    )


def _hint(until: str, days: str) -> StoredGroup:
    return _group(
        "rules.Hint",
        gettext("Hints you were offered"),
        gettext("So that no hint comes twice or too often, and that you can see why each came."),
        until,
        StoredField(
            gettext("What, where and when"),
            gettext(
                "Which step, which kind of help and in which form, its words, when it came and was "
                "shown, or why it was held back; which rule it came from."
            ),
            (
                "participant",
                "rule",
                "version",
                "occasion",
                "step",
                "kind",
                "rung",
                "title",
                "body",
                "symbol",
                "form",
                "state",
                "withheld_because",
                "fired_at",
                "shown_at",
            ),
        ),
        StoredField(
            gettext("Why"),
            gettext(
                "The reason in a sentence, and how much each sign added to it. Where the camera "
                "had a part in it: deleted after %(days)s, and when you take the camera back."
            )
            % {"days": days},
            ("why", "parts", "consent_epoch"),
        ),
    )


def _answer(until: str) -> StoredGroup:
    return _group(
        "rules.HintAnswer",
        gettext("What you said to hints"),
        gettext("Your word counts more than any sign: hints then come sooner, later or not."),
        until,
        StoredField(
            gettext("Answer"),
            gettext("To which hint, which answer, when, and when it was taken in."),
            ("hint", "answer", "answered_at", "evaluated_at"),
        ),
    )


def _word(until: str) -> StoredGroup:
    return _group(
        "rules.TeacherWord",
        gettext("That your teacher was told"),
        gettext("Only when you said yes to being asked, each time. Your teacher sees your name."),
        until,
        StoredField(
            gettext("When"),
            gettext("Which hint, when you said yes, and when your teacher saw it."),
            ("hint", "said_at", "seen_at"),
        ),
    )


def _state(until: str) -> StoredGroup:
    return _group(
        "rules.RuleState",
        gettext("Where the rules stand with you"),
        gettext("So that a rule can wait for a minute, and knows when it spoke last."),
        until,
        StoredField(
            gettext("State"),
            gettext(
                "What you did lately, what the last ten seconds showed, your baseline, and each "
                "rule's last reason. The camera's part is deleted when you take it back."
            ),
            ("body",),
        ),
        StoredField(
            gettext("Time"),
            gettext("Up to when everything is counted, and until when time passes."),
            ("cursor_at", "active_until"),
        ),
    )


def _settings(until: str) -> StoredGroup:
    return _group(
        "rules.SettingsSeen",
        gettext("What held for your hints"),
        gettext("So that it can be shown later why a hint came."),
        until,
        StoredField(
            gettext("Settings"),
            gettext(
                "From when which rules, switches and wishes of yours held, and whether the camera "
                "counted."
            ),
            ("participant", "from_at", "body"),
        ),
    )


def _taken_in() -> StoredGroup:
    return _group(
        "rules.EvaluatedEvent",
        gettext("That something you did was taken in"),
        gettext("So that it counts once."),
        gettext("as long as what you did is kept."),
        StoredField(gettext("When"), gettext("When the rules took it in."), ("evaluated_at",)),
    )


def _wish() -> StoredGroup:
    return _group(
        "rules.ThresholdShift",
        gettext("Hints sooner or later"),
        gettext("Because you wished so."),
        gettext("until you change it."),
        StoredField(
            gettext("Wish"),
            gettext("For which kind of sign, and by how much."),
            ("user", "evidence", "shift"),
        ),
    )


def _switch() -> StoredGroup:
    return _group(
        "rules.RuleSwitch",
        gettext("Hints switched off or on"),
        gettext("So that no hint comes where a teacher or administrator does not want them."),
        gettext("as long as the lesson itself."),
        StoredField(
            gettext("Switch"),
            gettext(
                "For which lesson, rule or learner, off or on, who set it and when. It says "
                "nothing of the reason."
            ),
            ("lesson", "rule", "learner", "off", "set_by", "set_at"),
        ),
    )


def _rule() -> StoredGroup:
    return _group(
        "rules.InteractionRule",
        gettext("Rules for hints"),
        gettext("So that teachers decide when help is offered."),
        gettext("as long as the course itself."),
        StoredField(
            gettext("Rule"),
            gettext("Its title, where it holds, and which teacher made it when."),
            ("course", "lesson", "title", "template", "made_by", "made_at", "retired_at"),
        ),
    )


def _version() -> StoredGroup:
    return _group(
        "rules.RuleVersion",
        gettext("What each rule said"),
        gettext("So that it can be shown later why a hint came."),
        gettext("as long as the course itself."),
        StoredField(
            gettext("Version"),
            gettext("Its numbers and words, and which teacher wrote it when."),
            (
                "rule",
                "number",
                "evidence",
                "threshold",
                "release",
                "over_windows",
                "of_windows",
                "held_windows",
                "minimum_coverage",
                "needs_other_source",
                "steps",
                "cooldown_seconds",
                "max_per_lesson",
                "quiet_start_seconds",
                "quiet_steps",
                "quiet_minutes",
                "action",
                "text",
                "made_by",
                "made_at",
            ),
        ),
        StoredField(
            gettext("Whom it is for"),
            gettext("Learners or groups that a teacher chose; empty where it is for everybody."),
            ("learners", "groups"),
        ),
    )

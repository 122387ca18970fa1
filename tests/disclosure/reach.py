"""Everything that a teacher can get, with the attacks that cover it or why it tells of nobody.

A value is a tuple of names of attacks (tests/bench/disclosure), or the reason why it carries no
figure of a group and nothing of a face. Add a row for every new route, key of a report, admin
list, command, metric, statement or log event; tests/disclosure/test_reach.py fails without one.
"""

from collections.abc import Mapping
from typing import Final

Cover = tuple[str, ...] | str

# --- attacks ---------------------------------------------------------------------------------
LEVELS: Final = (
    "live polling around absences",
    "frozen report around absences",
    "late arrival",
    "early leaving",
    "live against frozen",
    "homework",
    "steps against timeline",
    "steps against timeline, contrast",
    "alone in the picture, contrast",
    "two sessions, one student more",
    "two sessions, one student less",
    "many sessions of a course",
    "cohorts of three sessions combined",
    "pair of three sessions combined",
    "withdrawal in the middle",
)
SHARING: Final = (
    "exact number of cameras",
    "does a late-comer share",
    "does one of five late-comers share",
    "same class, target out of the second",
    "out of the picture until the decision",
    "coverage likelihood",
    "few in the picture",
    "target out of the picture",
    "class as large as the threshold",
    "level withheld for a similar group",
    "shown or withheld",
    "shown or withheld, one student absent",
    "erasure during the lesson",
)
EXPRESSIONS: Final = ("expression shares",)
RULES: Final = (
    "padded rule versions",
    "shares of two rules",
    "rule for five named students",
    "rule on a group that changes",
    "reasons for silence",
    "hint arrival",
    "padded rule versions, face evidence on",
    "shares of two rules, face evidence on",
    "rule for five named students, face evidence on",
    "rule for one named student, face evidence on",
    "rule on a group that changes, face evidence on",
    "reasons for silence, face evidence on",
)
LIVE: Final = ("who asked for a hint, live", "who is stuck, live")
TRIALS: Final = ("trials and previews", "trials and previews, face evidence on")

# --- reasons ---------------------------------------------------------------------------------
NO_DATA: Final = "nothing of a session is in it"
OWN_DATA: Final = "only of the person who asks, or of nobody"
ACTION: Final = "stores what the person did; answers nothing of others"
NOT_FOR_TEACHERS: Final = "refused to teachers (tests/access)"
CONTENT: Final = "what the teacher wrote"
ATTENDANCE: Final = "attendance or settings, which the teacher knows"
OWN_RULES: Final = "rules, groups and switches that the teacher made; what they do is in RULES"
ASKED: Final = "requests that a student sent to the teacher by name"
OPERATOR: Final = "a shell on the server, which is outside of the model (docs/disclosure.md)"
CHECKOUT: Final = "not in the installed product; simulated data on a temporary database"
WITHOUT_CAMERA: Final = "from events only, the milder rule (docs/disclosure.md)"
EARLIER_REPORTS: Final = (
    "shares without a camera of each session's own report (tests/reports/test_comparison.py)"
)
CONSTANT: Final = "the same for all sessions of the lesson or the installation"

SESSION: Final = "api/v1/sessions/<uuid:session_id>/"
LESSON: Final = "api/v1/lessons/<int:lesson_id>/"
ROUTES: Final[Mapping[str, Cover]] = {
    "": NO_DATA,
    "api-access/": OWN_DATA,
    "api-access/tokens/": OWN_DATA,
    "api-access/tokens/<int:token_id>/revoke": ACTION,
    "api-access/webhooks/": OWN_DATA,
    "api-access/webhooks/<uuid:webhook_id>/remove": ACTION,
    "api/docs/": NO_DATA,
    "api/schema/": NO_DATA,
    "api/v1/courses/": CONTENT,
    "api/v1/courses/<int:course_id>/lessons/": CONTENT,
    "api/v1/courses/<int:course_id>/lessons/import": CONTENT,
    "api/v1/device-reader": NO_DATA,
    "api/v1/device-reader/<sha256:sha256>": NO_DATA,
    "api/v1/lessons/": RULES,  # the findings of its reports
    LESSON: CONTENT,
    LESSON + "export": CONTENT,
    LESSON + "groups/": OWN_RULES,
    LESSON + "groups/<int:group_id>": RULES,
    LESSON + "rules/": RULES,
    LESSON + "rules/<int:rule_id>": RULES,
    LESSON + "rules/<int:rule_id>/versions": RULES,
    LESSON + "rules/preview": TRIALS,
    LESSON + "rules/switch": RULES,
    LESSON + "sessions/": ACTION,
    LESSON + "steps/": CONTENT,
    "api/v1/markdown": CONTENT,
    "api/v1/me/left-alone": OWN_DATA,
    "api/v1/me/profile": OWN_DATA,
    "api/v1/me/snooze": OWN_DATA,
    "api/v1/me/thresholds": OWN_DATA,
    "api/v1/platform/erase": NOT_FOR_TEACHERS,
    "api/v1/platform/export": NOT_FOR_TEACHERS,
    "api/v1/rules/switch": NOT_FOR_TEACHERS,
    SESSION: ATTENDANCE,
    SESSION + "answers": NOT_FOR_TEACHERS,
    SESSION + "baseline": NOT_FOR_TEACHERS,
    SESSION + "capture-ticket": NOT_FOR_TEACHERS,
    SESSION + "consent": NOT_FOR_TEACHERS,
    SESSION + "end": ACTION,
    SESSION + "events": NOT_FOR_TEACHERS,
    SESSION + "hints": NOT_FOR_TEACHERS,
    SESSION + "hints/<int:hint_id>/answer": NOT_FOR_TEACHERS,
    SESSION + "hints/<int:hint_id>/timing": NOT_FOR_TEACHERS,
    SESSION + "leave": NOT_FOR_TEACHERS,
    SESSION + "my-report": NOT_FOR_TEACHERS,
    SESSION + "my-report/correction": NOT_FOR_TEACHERS,
    SESSION + "my-report/word": NOT_FOR_TEACHERS,
    SESSION + "report": (*LEVELS, *SHARING, *EXPRESSIONS, *RULES, *LIVE),
    SESSION + "report.csv": (*LEVELS, *SHARING, *EXPRESSIONS, *RULES),
    SESSION + "report.json": (*LEVELS, *SHARING, *EXPRESSIONS, *RULES, *LIVE),
    SESSION + "report.pdf": (*LEVELS, *SHARING, *EXPRESSIONS, *RULES),
    SESSION + "report.xlsx": (*LEVELS, *SHARING, *EXPRESSIONS, *RULES),
    SESSION + "teacher-notifications": ("hint arrival",),
    SESSION + "teacher-notifications/<int:notification_id>/seen": ACTION,
    SESSION + "why": NOT_FOR_TEACHERS,
    SESSION + "words": ASKED,
    SESSION + "words/<int:notification_id>/seen": ACTION,
    "api/v1/steps/<int:step_id>/": CONTENT,
    "api/v1/steps/<int:step_id>/picture": CONTENT,
    "api/v1/support/": OWN_DATA,
    "api/v1/support/<uuid:link_id>/": "to a support person whom the student agreed to by name",
    "api/v1/support/<uuid:link_id>/sessions/<uuid:session_id>/report": (
        "to a support person whom the student agreed to by name"
    ),
    "guardian/<str:token>/": NOT_FOR_TEACHERS,
    "guardian/take-back/<str:token>/": NOT_FOR_TEACHERS,
    "healthz": NO_DATA,
    "jsi18n/": NO_DATA,
    "language/": NO_DATA,
    "lessons/": RULES,  # the findings of its reports
    "lessons/<int:lesson_id>/edit/": CONTENT,
    "lessons/<int:lesson_id>/groups/": OWN_RULES,
    "lessons/<int:lesson_id>/rules/": OWN_RULES,
    **{
        f"lti/{name}": NO_DATA
        for name in ("deep-link", "jwks.json", "launch", "login", "no-role", "register")
    },
    "lti/link/<int:link_id>": CONTENT,
    "lti/roster": ATTENDANCE,
    "lti/window": NO_DATA,
    "lti/window/<str:secret>": NO_DATA,
    "me/": OWN_DATA,
    "metrics": "from the server itself or with the operator's token; see METRICS",
    "my-data/": OWN_DATA,
    "my-data/erase": OWN_DATA,
    "my-data/export.html": OWN_DATA,
    "my-data/export.json": OWN_DATA,
    "privacy/": NO_DATA,
    "readyz": NO_DATA,
    "retention/": NO_DATA,
    "sessions/<uuid:session_id>/": ATTENDANCE,
    "sessions/<uuid:session_id>/closed/": ATTENDANCE,
    "sessions/<uuid:session_id>/me/": NOT_FOR_TEACHERS,
    "sessions/<uuid:session_id>/live/": LIVE,
    "sessions/<uuid:session_id>/report/": (*LEVELS, *SHARING, *EXPRESSIONS, *RULES, *LIVE),
    "support/": OWN_DATA,
    "support/<uuid:link_id>/": "to a support person whom the student agreed to by name",
    "admin/ready/": "state of the installation",
    "admin/status/": "figures of the installation, refused to everybody who teaches",
    "admin/models/": "the networks and their cards",
    "admin/retention/": "retention periods of the policy",
}
DEMO_PREFIX: Final = "demo/"
"""Only in demo mode, which serves this machine alone and no real class."""
ADMIN_PREFIX: Final = "admin/"
"""Its lists are in ADMIN."""

REPORT_KEYS: Final[Mapping[str, Cover]] = {
    "state": ATTENDANCE,
    "closes_at": ATTENDANCE,
    "title": CONTENT,
    "finding": (*LEVELS, *RULES),
    "withheld": SHARING,
    "level_withheld": SHARING,
    "contributors_at_least": SHARING,
    "coverage": ("coverage likelihood",),
    "model": "the model of the installation; null where figures are withheld",
    "preset": CONTENT,
    "simulated": CONSTANT,
    "engagement": (*LEVELS, *SHARING),
    "expressions": (*EXPRESSIONS, *SHARING),
    "timeline_unit": ATTENDANCE,
    "bin_seconds": ATTENDANCE,
    "timeline": (*LEVELS, *SHARING),
    "timeline/coverage": "always null",
    "timeline/engagement": (*LEVELS, *SHARING),
    "timeline/change": ("two sessions, one student less", "many sessions of a course"),
    "timeline/withheld": SHARING,
    "timeline/start": ATTENDANCE,
    "timeline/expressions": EXPRESSIONS,
    "steps": (*LEVELS, *SHARING),
    "steps/coverage": "always null",
    "steps/engagement": (*LEVELS, *SHARING),
    "steps/change": ("two sessions, one student less", "many sessions of a course"),
    "steps/withheld": SHARING,
    "steps/position": CONTENT,
    "steps/title": CONTENT,
    "steps/seconds": WITHOUT_CAMERA,
    "steps/right_at_first": WITHOUT_CAMERA,
    "steps/asked_for_hint": WITHOUT_CAMERA,
    "steps/right_after_hint": WITHOUT_CAMERA,
    "steps/idle": WITHOUT_CAMERA,
    "steps/self_reports": WITHOUT_CAMERA,
    "steps/said": WITHOUT_CAMERA,
    "help": RULES,
    "help/rules": RULES,
    **{
        f"help/rules/{name}": RULES
        for name in ("asked", "version", "withheld", "learners", "steps", "why", "answers")
    },
    "help/rules/title": CONTENT,
    "help/silent": RULES,
    "help/silent/reason": RULES,
    "help/silent/words": RULES,
    "help/silent/share": RULES,
    "limits": CONSTANT,
    "kept_until": ATTENDANCE,
    "metrics_until": ATTENDANCE,
    "figures_until": ATTENDANCE,
    "live_seconds": CONSTANT,
    "comparison": EARLIER_REPORTS,
    "comparison/session_id": ATTENDANCE,
    "comparison/started_at": ATTENDANCE,
    "comparison/steps": EARLIER_REPORTS,
    "comparison/steps/position": CONTENT,
    **{
        f"comparison/steps/{name}": EARLIER_REPORTS
        for name in ("called_hard", "asked_for_hint", "right_at_first", "is_hard")
    },
    "live": LIVE,
    **{f"live/{name}": ATTENDANCE for name in ("released_at", "first_step", "last_step")},
    "live/withheld": ATTENDANCE,
    "live/steps": LIVE,
    "live/steps/position": CONTENT,
    "live/steps/title": CONTENT,
    "live/steps/on_step": ATTENDANCE,
    "live/steps/asked_for_hint": LIVE,
    "live/steps/may_be_stuck": LIVE,
}

HIDDEN: Final = "hidden"
"""Refused to staff who teach or taught a course (fer_lms.people.read_only)."""
ADMIN: Final[Mapping[str, str]] = {
    **dict.fromkeys(
        (
            *("audit.AuditEvent", "consent.Consent", "consent.GuardianConsent"),
            *("engagement.BaselineReset", "engagement.LearnerBaseline"),
            *("engagement.ObservationWindow", "lessons.InteractionEvent"),
            *("lessons.LearnerProfile", "lessons.Participant", "reports.Correction"),
            *("reports.LessonReport", "reports.Release", "rights.PurgeRun"),
            *("rules.EvaluatedEvent", "rules.Hint", "rules.HintAnswer", "rules.RuleState"),
            *("rules.SessionGroupMember", "rules.SettingsSnapshot", "rules.TeacherNotification"),
            *("rules.ThresholdShift", "xapi.Statement"),
        ),
        HIDDEN,
    ),
    **dict.fromkeys(
        (
            *("lessons.Course", "lessons.Enrolment", "lessons.LessonSession"),
            "integrations.WebhookDelivery",  # when a report became final
            *("lessons.Supporter", "lti.LtiUser", "people.User", "rules.SessionRules"),
        ),
        ATTENDANCE,
    ),
    **dict.fromkeys(
        (
            *(
                "lessons.Activity",
                "lessons.Lesson",
                "lessons.Question",
                "lessons.StepHint",
                "lessons.StepPicture",
            ),
            *("consent.ConsentText", "policy.DeploymentPolicy"),
        ),
        CONTENT,
    ),
    **dict.fromkeys(
        ("rules.InteractionRule", "rules.LearnerGroup", "rules.RuleSwitch", "rules.RuleVersion"),
        OWN_RULES,
    ),
    **dict.fromkeys(
        (
            *("audit.ChainCheck", "auth.Group", "demo.DemoSession", "rights.PlatformToken"),
            *("lti.DeepLinkRequest", "lti.Deployment", "lti.KeySet", "lti.LaunchState"),
            *("lti.LtiContext", "lti.LtiResourceLink", "lti.Platform", "lti.RegistrationInvite"),
            *("lti.ToolKey", "lti.WindowPass", "integrations.ApiToken", "integrations.Webhook"),
        ),
        NO_DATA,
    ),
}
COMMANDS: Final[Mapping[str, str]] = {
    **dict.fromkeys(
        (
            *("audit_verify", "data_inventory", "demo", "doctor", "install_check", "erase_person"),
            *("export_person", "lti_platform", "measure_rules", "purge_expired", "replay_rules"),
            *("rights_token", "setup_demo", "supporter", "xapi"),
        ),
        OPERATOR,
    ),
    **dict.fromkeys(
        (
            *("bench_hints", "bench_launch", "bench_report", "bench_rights", "bench_roster"),
            *("bench_rules", "bench_web", "bench_withdrawal", "bench_worker"),
            *("evaluate_engagement", "fit_evidence", "measure_disclosure", "simulate"),
        ),
        CHECKOUT,
    ),
}
METRICS: Final[Mapping[str, str]] = dict.fromkeys(
    (
        *("fer_frames_refused", "fer_frames_accepted", "fer_frames_resolved", "fer_sockets"),
        *("fer_gateway_errors", "fer_client_drops", "fer_purge_overdue"),
        *("fer_purge_last_success_timestamp_seconds", "fer_audit_verification_overdue"),
        "fer_audit_last_verified_timestamp_seconds",
    ),
    "totals of the installation for its operator, without course, session or person",
)
STATEMENTS: Final[Mapping[str, Cover]] = {
    "queue_lesson_opened": ATTENDANCE,
    "queue_steps_viewed": ATTENDANCE,
    "queue_hint_shown": ("hint arrival",),
    "queue_hint_answered": ("hint arrival",),
    "queue_report_opened": "what the teacher did",
    "queue_class_metrics": LEVELS,  # totals of the final report, unchanged
}
LOG_EVENTS: Final[Mapping[str, str]] = dict.fromkeys(
    (
        "rules.invalid_version",
        "rules.invalid_session_rules",
        "rules.evaluation_failed",
        "rules.invalid_settings",
    ),
    "an error for the operator, without a person's data",
)

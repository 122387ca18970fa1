from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

KINDS = ("frustration", "confusion")
OLD_POINTS = (0.2, 0.5, 0.95)
NEW_POINTS = (0.4, 0.66, 0.95)
"""The former default threshold becomes the present one; the limits stay limits."""
OLD_DEFAULT_HELD = 5
FIELDS = (
    "rule_id",
    "evidence",
    "minimum_coverage",
    "needs_other_source",
    "steps",
    "learners",
    "groups",
    "cooldown_seconds",
    "max_per_lesson",
    "quiet_start_seconds",
    "quiet_steps",
    "quiet_minutes",
    "action",
    "text",
)


def map_threshold(value: float) -> float:
    """Map a strength of evidence to a probability, linearly between the points."""
    position = 0 if value <= OLD_POINTS[1] else 1
    low, high = OLD_POINTS[position : position + 2]
    new_low, new_high = NEW_POINTS[position : position + 2]
    share = min(max((value - low) / (high - low), 0.0), 1.0)
    return round(new_low + share * (new_high - new_low), 2)


def add_versions(apps: Apps, _editor: BaseDatabaseSchemaEditor) -> None:
    """Give each rule in use a version on the new scale; earlier versions stay."""
    versions = apps.get_model("rules", "RuleVersion").objects
    for rule in apps.get_model("rules", "InteractionRule").objects.filter(retired_at=None):
        latest = versions.filter(rule=rule).order_by("-number").first()
        if latest is None or latest.evidence not in KINDS:
            continue
        threshold = map_threshold(latest.threshold)
        release = round(threshold * latest.release / latest.threshold, 2)
        versions.create(
            **{name: getattr(latest, name) for name in FIELDS},
            number=latest.number + 1,
            threshold=threshold,
            release=min(max(release, 0.05), threshold),
            over_windows=1,
            of_windows=1,
            held_windows=max(latest.held_windows - OLD_DEFAULT_HELD, 0),
        )


class Migration(migrations.Migration):
    dependencies = [("rules", "0007_session_rules")]

    operations = [migrations.RunPython(add_versions, migrations.RunPython.noop)]

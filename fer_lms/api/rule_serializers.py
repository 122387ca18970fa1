"""The shapes of rules, hints and their answers."""

from rest_framework import serializers

from fer_lms.api.serializers import Shape
from fer_lms.rules.engine.spec import LIMITS
from fer_lms.rules.models import Hint, HintAnswer, RuleVersion

# --- A learner's hints -------------------------------------------------------------------------


class HintShape(serializers.ModelSerializer[Hint]):
    hint_id = serializers.IntegerField(source="pk")
    dismissable = serializers.SerializerMethodField()
    answers = serializers.SerializerMethodField(help_text="what may be answered")
    answer = serializers.SerializerMethodField(help_text="the newest answer; empty without one")
    asked = serializers.SerializerMethodField(help_text="the learner asked for it")

    class Meta:
        model = Hint
        fields = (
            "hint_id",
            "title",
            "body",
            "why",
            "dismissable",
            "kind",
            "form",
            "symbol",
            "rung",
            "step_id",
            "fired_at",
            "asked",
            "answers",
            "answer",
        )

    def get_dismissable(self, hint: Hint) -> bool:
        return True

    def get_answers(self, hint: Hint) -> list[str]:
        return [str(answer) for answer in hint.allowed_answers]

    def get_answer(self, hint: Hint) -> str:
        answers = list(hint.answers.all())
        return answers[-1].answer if answers else ""

    def get_asked(self, hint: Hint) -> bool:
        return hint.rule_id is None


class HintWantedShape(Shape):
    step_id = serializers.IntegerField()


class HintAnswerShape(Shape):
    answer = serializers.ChoiceField(choices=HintAnswer.Answer.choices)


class LeftAloneShape(Shape):
    left_alone = serializers.BooleanField(help_text="no hint comes by itself today")


class WhyShape(Shape):
    rule_id = serializers.IntegerField()
    title = serializers.CharField()
    at = serializers.DateTimeField()
    reason = serializers.CharField(help_text="fired, or why it is silent, as a code")
    why = serializers.CharField(help_text="the same in a sentence")


class ThresholdShape(Shape):
    evidence = serializers.ChoiceField(choices=RuleVersion.Evidence.choices)
    shift = serializers.FloatField(min_value=-0.2, max_value=0.3)


class ThresholdsShape(Shape):
    thresholds = ThresholdShape(many=True)


class BaselineShape(Shape):
    ready = serializers.BooleanField()
    from_at = serializers.DateTimeField(allow_null=True)
    seen_seconds = serializers.IntegerField()
    expires_at = serializers.DateTimeField(allow_null=True)
    gathered_seconds = serializers.IntegerField(help_text="seen so far of the next one")
    needed_seconds = serializers.IntegerField()
    lasts_hours = serializers.FloatField()


# --- A teacher's rules -------------------------------------------------------------------------


class SpecShape(Shape):
    """What a rule says. Limits are checked by the rules themselves, in words."""

    evidence = serializers.CharField(max_length=16)
    threshold = serializers.FloatField()
    release = serializers.FloatField()
    over_windows = serializers.IntegerField()
    of_windows = serializers.IntegerField()
    held_windows = serializers.IntegerField(help_text="windows of ten seconds; 0: at once")
    minimum_coverage = serializers.FloatField()
    needs_other_source = serializers.BooleanField(default=True)
    steps = serializers.ListField(child=serializers.IntegerField(), max_length=200, default=list)
    learners = serializers.ListField(
        child=serializers.UUIDField(), max_length=200, default=list, help_text="public ids"
    )
    groups = serializers.ListField(child=serializers.IntegerField(), max_length=200, default=list)
    cooldown_seconds = serializers.IntegerField()
    max_per_lesson = serializers.IntegerField()
    quiet_start_seconds = serializers.IntegerField()
    quiet_steps = serializers.ListField(
        child=serializers.IntegerField(), max_length=200, default=list
    )
    quiet_minutes = serializers.ListField(
        child=serializers.ListField(child=serializers.IntegerField(), min_length=2, max_length=2),
        max_length=200,
        default=list,
    )
    action = serializers.CharField(max_length=16)
    text = serializers.CharField(max_length=500, allow_blank=True, default="")


class NewRuleShape(Shape):
    title = serializers.CharField(max_length=120)
    template = serializers.CharField(max_length=32, allow_blank=True, default="")
    spec = SpecShape()


class NewVersionShape(Shape):
    spec = SpecShape()


class RuleShape(Shape):
    id = serializers.IntegerField()
    title = serializers.CharField()
    template = serializers.CharField(allow_blank=True)
    scope = serializers.ChoiceField(choices=("everywhere", "course", "lesson"))
    editable = serializers.BooleanField()
    off = serializers.BooleanField()
    number = serializers.IntegerField(help_text="of the version in force")
    made_at = serializers.DateTimeField()
    sentence = serializers.CharField()
    spec = SpecShape()


class VersionShape(Shape):
    number = serializers.IntegerField()
    made_at = serializers.DateTimeField()
    made_by = serializers.CharField(allow_blank=True)
    sentence = serializers.CharField()
    spec = SpecShape()


class TemplateShape(Shape):
    name = serializers.CharField()
    title = serializers.CharField()
    sentence = serializers.CharField()
    spec = SpecShape()


class NamedShape(Shape):
    id = serializers.CharField()
    title = serializers.CharField()


class LimitShape(Shape):
    low = serializers.FloatField()
    high = serializers.FloatField()


class SwitchesShape(Shape):
    everywhere = serializers.BooleanField(help_text="off for the whole installation")
    lesson = serializers.BooleanField(help_text="off in this lesson")
    learners = serializers.ListField(child=serializers.UUIDField(), help_text="off for these")


class RulesShape(Shape):
    rules = RuleShape(many=True)
    templates = TemplateShape(many=True)
    off = SwitchesShape()
    limits = serializers.DictField(child=LimitShape(), help_text=", ".join(LIMITS))
    evidence = NamedShape(many=True)
    actions = NamedShape(many=True)
    steps = NamedShape(many=True)
    learners = NamedShape(many=True)
    groups = NamedShape(many=True)
    sessions = NamedShape(many=True, help_text="sittings that a preview can run over")


class SwitchShape(Shape):
    off = serializers.BooleanField()
    rule_id = serializers.IntegerField(allow_null=True, default=None)
    learner_id = serializers.UUIDField(allow_null=True, default=None)


class EverywhereSwitchShape(Shape):
    off = serializers.BooleanField()


class GroupShape(Shape):
    id = serializers.IntegerField(read_only=True)
    title = serializers.CharField(max_length=80)
    members = serializers.ListField(child=serializers.UUIDField(), max_length=500, default=list)
    rules = serializers.ListField(
        child=serializers.CharField(), read_only=True, help_text="titles of rules for it"
    )


class GroupsShape(Shape):
    groups = GroupShape(many=True)
    learners = NamedShape(many=True, help_text="whom a group can be made of")


class PreviewWantedShape(Shape):
    spec = SpecShape()
    session_id = serializers.UUIDField(
        allow_null=True, default=None, help_text="a sitting; null: a simulated class"
    )
    rule_id = serializers.IntegerField(
        allow_null=True, default=None, help_text="of which it would be a new version"
    )


class PreviewPlaceShape(Shape):
    minute = serializers.IntegerField(allow_null=True, help_text="of a made-up class only")
    step_id = serializers.IntegerField(allow_null=True)
    times = serializers.IntegerField(allow_null=True, help_text="of a made-up class only")
    spoken_to = serializers.ChoiceField(
        choices=("some", "many"), allow_null=True, help_text="of a sitting of people, in thirds"
    )
    why = serializers.ListField(child=serializers.CharField())


class PreviewSilenceShape(Shape):
    reason = serializers.CharField()
    words = serializers.CharField()
    share = serializers.FloatField(help_text="of all moments that were looked at")


class PreviewEpisodeShape(Shape):
    learner = serializers.IntegerField()
    from_minute = serializers.FloatField()
    until_minute = serializers.FloatField()
    kind = serializers.CharField()


class PreviewShape(Shape):
    # "source" is a name of the framework's own; the key is the same.
    source = serializers.ChoiceField(choices=("simulated", "session"))  # type: ignore[assignment]
    withheld = serializers.CharField(allow_null=True)
    sentence = serializers.CharField()
    notes = serializers.ListField(
        child=serializers.CharField(), help_text="what has to be known of how it was tried"
    )
    learners = serializers.IntegerField(allow_null=True)
    minutes = serializers.FloatField(allow_null=True)
    fired = serializers.IntegerField(allow_null=True, help_text="of a made-up class only")
    spoken_to = serializers.ChoiceField(
        choices=("few", "some", "many"),
        allow_null=True,
        help_text="of a sitting of people: under a third or nobody, under two thirds, or more",
    )
    group = serializers.IntegerField(help_text="the smallest group told of; 0: nobody is real")
    places = PreviewPlaceShape(many=True)
    silent = PreviewSilenceShape(many=True)
    episodes = PreviewEpisodeShape(
        many=True, help_text="simulated only: when the made-up learners are stuck"
    )


class TeacherWordShape(Shape):
    id = serializers.IntegerField()
    learner = serializers.CharField()
    step = serializers.CharField(allow_blank=True)
    said_at = serializers.DateTimeField()
    seen = serializers.BooleanField()

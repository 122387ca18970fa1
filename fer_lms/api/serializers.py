"""The shapes of requests and answers, as OpenAPI shows them."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from fer_lms.lessons.content.embeds import SANDBOX, EmbedError, resolve_embed_url
from fer_lms.lessons.content.markdown import render_html
from fer_lms.lessons.marking import MAX_ANSWER_LENGTH
from fer_lms.lessons.models import (
    InteractionEvent,
    LearnerProfile,
    Lesson,
    Question,
    Role,
    Step,
    StepPicture,
)
from fer_lms.lessons.queries import list_steps_with_content

MAX_EVENTS_PER_REQUEST = 100
STATES = ("open", "ended")


class Shape(serializers.Serializer[Any]):
    """A plain object: what a view returns or takes."""


class ProblemShape(Shape):
    detail = serializers.CharField()
    reason = serializers.CharField()


class StaleTextShape(ProblemShape):
    text_version = serializers.CharField()


# --- A sitting -------------------------------------------------------------------------------
class PictureShape(serializers.ModelSerializer[StepPicture]):
    url = serializers.SerializerMethodField()

    class Meta:
        model = StepPicture
        fields = ("url", "alternative_text", "width", "height")

    def get_url(self, picture: StepPicture) -> str:
        return f"/api/v1/steps/{picture.step_id}/picture?v={picture.sha256[:12]}"


class EmbedShape(Shape):
    url = serializers.CharField()
    title = serializers.CharField()
    host = serializers.CharField()
    sandbox = serializers.CharField()


class AskedShape(Shape):
    """A question as learners see it: without what is right."""

    kind = serializers.ChoiceField(choices=Question.Kind.choices)
    prompt = serializers.CharField()
    choices = serializers.ListField(child=serializers.CharField())


class StepShape(serializers.ModelSerializer[Step]):
    html = serializers.SerializerMethodField(help_text="safe HTML of `body`")
    easy_html = serializers.SerializerMethodField(help_text="safe HTML of the easier form, or ''")
    picture = serializers.SerializerMethodField()
    embed = serializers.SerializerMethodField()
    question = serializers.SerializerMethodField()
    hints = serializers.SerializerMethodField(help_text="how many rungs its ladder of hints has")

    class Meta:
        model = Step
        fields = (
            "id",
            "position",
            "title",
            "body",
            "html",
            "easy_html",
            "picture",
            "embed",
            "question",
            "hints",
        )

    def get_html(self, step: Step) -> str:
        return render_html(step.body)

    def get_easy_html(self, step: Step) -> str:
        return render_html(step.easy_body) if step.easy_body else ""

    @extend_schema_field(PictureShape(allow_null=True))
    def get_picture(self, step: Step) -> dict[str, Any] | None:
        return PictureShape(step.picture).data if hasattr(step, "picture") else None

    @extend_schema_field(EmbedShape(allow_null=True))
    def get_embed(self, step: Step) -> dict[str, Any] | None:
        return embed_values(step)

    @extend_schema_field(AskedShape(allow_null=True))
    def get_question(self, step: Step) -> dict[str, Any] | None:
        question = getattr(step, "question", None)
        if question is None:
            return None
        choices = [choice["text"] for choice in question.choices]
        return {"kind": question.kind, "prompt": question.prompt, "choices": choices}

    def get_hints(self, step: Step) -> int:
        return len(step.hints.all())


def embed_values(step: Step) -> dict[str, Any] | None:
    """Nothing where the host is no longer allowed: the step is then without it."""
    try:
        url = resolve_embed_url(step.embed_url, allowed_hosts=settings.EMBED_HOSTS)
    except EmbedError:
        return None
    host = urlsplit(url).hostname
    return {"url": url, "title": step.embed_title, "host": host, "sandbox": SANDBOX}


class LessonShape(serializers.ModelSerializer[Lesson]):
    steps = serializers.SerializerMethodField()

    class Meta:
        model = Lesson
        fields = ("id", "title", "summary", "minutes", "steps")

    @extend_schema_field(StepShape(many=True))
    def get_steps(self, lesson: Lesson) -> list[dict[str, Any]]:
        return list(StepShape(list_steps_with_content(lesson), many=True).data)


class PolicyShape(Shape):
    inference = serializers.BooleanField()
    research = serializers.BooleanField(help_text="whether research may be asked for")
    on_device_only = serializers.BooleanField(help_text="no picture may leave the device")
    banner = serializers.CharField(allow_blank=True)


class SessionShape(Shape):
    id = serializers.UUIDField()
    state = serializers.ChoiceField(choices=STATES)
    started_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)
    role = serializers.ChoiceField(choices=Role.choices)
    participant_id = serializers.UUIDField(allow_null=True)
    lesson = LessonShape()
    policy = PolicyShape()
    kept_days = serializers.IntegerField()


# --- Consent ---------------------------------------------------------------------------------
class GrantsShape(Shape):
    capture = serializers.BooleanField(default=False)
    server_processing = serializers.BooleanField(default=False)
    own_view = serializers.BooleanField(default=False)
    support_view = serializers.BooleanField(default=False)
    research = serializers.BooleanField(default=False)


def shown_supporters() -> serializers.ListField:
    return serializers.ListField(
        child=serializers.UUIDField(),
        max_length=100,
        allow_null=True,
        default=None,
        help_text="ids of the supporters that were shown beside the question; 409 where others are"
        " named by now",
    )


class PromisedShape(Shape):
    """The numbers that the text names."""

    kept_days = serializers.IntegerField()
    small_group = serializers.IntegerField()


class ResponsibleShape(Shape):
    """As the policy states it."""

    purpose = serializers.CharField(allow_blank=True)
    controller = serializers.CharField(allow_blank=True, help_text="who is responsible")
    contact = serializers.CharField(allow_blank=True, help_text="whom to ask")


def shown_numbers() -> PromisedShape:
    return PromisedShape(
        allow_null=True,
        default=None,
        help_text="`promised` as it stood in the text that was read; 409 where it has changed",
    )


class ConsentAnswerShape(GrantsShape):
    supporters = shown_supporters()
    promised = shown_numbers()
    text_version = serializers.CharField(max_length=32)
    locale = serializers.CharField(
        max_length=10, default="", allow_blank=True, help_text="of the text that was read"
    )
    form = serializers.ChoiceField(
        choices=("", "standard", "easy"), default="", help_text="of the text that was read"
    )


class ConsentChangeShape(Shape):
    """Some of what is asked beside the camera; what is left out stays as it is."""

    text_version = serializers.CharField(
        max_length=32, default="", help_text="needed for a yes, never for a no"
    )
    supporters = shown_supporters()
    promised = shown_numbers()
    own_view = serializers.BooleanField(required=False)
    support_view = serializers.BooleanField(required=False)
    research = serializers.BooleanField(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not {"own_view", "support_view", "research"} & attrs.keys():
            raise serializers.ValidationError("Nothing is named that can be changed by itself.")
        return attrs


class NamedSupporterShape(Shape):
    id = serializers.UUIDField()
    name = serializers.CharField()
    sees = serializers.BooleanField(help_text="whether this person may look at this sitting now")


class ConsentPointShape(Shape):
    symbol = serializers.CharField(required=False, help_text="a pictogram's name")
    heading = serializers.CharField()
    body = serializers.CharField()


class ConsentFormShape(Shape):
    title = serializers.CharField()
    intro = serializers.CharField()
    points = ConsentPointShape(many=True)


class ConsentShape(Shape):
    text_version = serializers.CharField()
    text = serializers.DictField(
        child=serializers.DictField(child=ConsentFormShape()),
        help_text="by locale, then by form: standard, easy",
    )
    promised = PromisedShape()
    responsible = ResponsibleShape()
    granted = GrantsShape()
    state = serializers.ChoiceField(choices=("none", "granted", "pending_guardian", "withdrawn"))
    ask_again = serializers.BooleanField(
        help_text="an earlier yes no longer counts: the text or the policy changed"
    )
    guardian = serializers.ChoiceField(
        choices=("asked", "given", "refused", "withdrawn"),
        allow_null=True,
        help_text="the newest question's state",
    )
    awaiting = serializers.ListField(
        child=serializers.CharField(), help_text="what a guardian has not answered yet"
    )
    epoch = serializers.IntegerField()
    erased = serializers.BooleanField()
    receipt = serializers.CharField(allow_blank=True)
    supporters = NamedSupporterShape(many=True, help_text="who is named to support this learner")


# --- What a learner does ---------------------------------------------------------------------
MEANINGS: dict[str, list[str]] = {
    InteractionEvent.Kind.ANSWERED: InteractionEvent.Answer.values,
    InteractionEvent.Kind.SELF_REPORT: InteractionEvent.SelfReport.values,
}
DAY_SECONDS = 86_400


class EventShape(Shape):
    kind = serializers.ChoiceField(choices=InteractionEvent.Kind.choices)
    step_id = serializers.IntegerField(allow_null=True, default=None)
    value = serializers.CharField(
        max_length=32,
        allow_blank=True,
        allow_null=True,
        default=None,
        help_text="self_report: easy, fine, hard; answered: right, wrong",
    )
    attempts = serializers.IntegerField(
        min_value=1, max_value=1000, allow_null=True, default=None, help_text="answered: which try"
    )
    seconds = serializers.IntegerField(
        min_value=0,
        max_value=DAY_SECONDS,
        allow_null=True,
        default=None,
        help_text="answered: since the step was opened; idle: how long",
    )
    ago_ms = serializers.IntegerField(
        min_value=0,
        max_value=DAY_SECONDS * 1000,
        default=0,
        help_text="how long ago, by the client's monotonic clock; ten minutes at most count",
    )
    key = serializers.CharField(
        max_length=36,
        allow_blank=True,
        default="",
        help_text="any unique text: what is sent twice with the same key is stored once",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        meanings = MEANINGS.get(attrs["kind"])
        if meanings and attrs["value"] not in meanings:
            raise serializers.ValidationError({"value": f"One of: {', '.join(meanings)}."})
        return attrs


class EventsShape(Shape):
    events = serializers.ListField(child=EventShape(), max_length=MAX_EVENTS_PER_REQUEST)


class AnswerShape(Shape):
    step_id = serializers.IntegerField()
    answer = serializers.CharField(
        max_length=MAX_ANSWER_LENGTH,
        help_text="choice: its place, from 0; otherwise what was written",
    )
    seconds = serializers.IntegerField(
        min_value=0, max_value=DAY_SECONDS, allow_null=True, default=None
    )
    key = serializers.CharField(max_length=36, allow_blank=True, default="")


class MarkedShape(Shape):
    right = serializers.BooleanField()
    attempts = serializers.IntegerField()
    feedback = serializers.CharField(allow_blank=True)


class ProfileShape(serializers.ModelSerializer[LearnerProfile]):
    class Meta:
        model = LearnerProfile
        fields = (
            "hint_form",
            "reading_level",
            "no_camera",
            "expressions_do_not_fit",
            "hints_muted",
        )


class StoredShape(Shape):
    stored = serializers.IntegerField()

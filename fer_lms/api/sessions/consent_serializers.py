"""Serializers of consent: texts, decisions and their state."""

from typing import Any

from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers

from fer_lms.bounded_fields import BoundedIntegerField, BoundedListField
from fer_lms.consent.models import GRANTS
from fer_lms.serializer_aliases import AliasedSerializer


class GrantsSerializer(serializers.Serializer[Any]):
    capture = serializers.BooleanField(default=False)
    server_processing = serializers.BooleanField(default=False)
    own_view = serializers.BooleanField(default=False)
    support_view = serializers.BooleanField(default=False)
    research = serializers.BooleanField(default=False)


def build_supporters_field() -> BoundedListField:
    return BoundedListField(
        child=serializers.UUIDField(),
        max_length=100,
        allow_null=True,
        default=None,
        help_text="ids of the supporters shown with the question; 409 where they have changed",
    )


class DisclosedTermsSerializer(serializers.Serializer[Any]):
    """Numbers that the consent text states."""

    kept_days = BoundedIntegerField()
    small_group = BoundedIntegerField()


class ControllerSerializer(serializers.Serializer[Any]):
    """The data controller, as the policy names it."""

    purpose = serializers.CharField(allow_blank=True)
    controller = serializers.CharField(allow_blank=True, help_text="who is responsible")
    contact = serializers.CharField(allow_blank=True, help_text="contact for questions")


def build_terms_field() -> DisclosedTermsSerializer:
    return DisclosedTermsSerializer(
        allow_null=True,
        default=None,
        help_text="as shown with the text; 409 where they have changed",
    )


def build_former_terms_field() -> DisclosedTermsSerializer:
    return DisclosedTermsSerializer(
        allow_null=True, required=False, help_text="deprecated: use `disclosed_terms`"
    )


@extend_schema_serializer(deprecate_fields=["promised"])
class ConsentDecisionSerializer(AliasedSerializer, GrantsSerializer):
    """A complete answer; permissions left out are refused."""

    former_names = {"promised": "disclosed_terms"}

    supporters = build_supporters_field()
    disclosed_terms = build_terms_field()
    promised = build_former_terms_field()
    text_version = serializers.CharField(max_length=32)
    locale = serializers.CharField(
        max_length=10, default="", allow_blank=True, help_text="of the text shown"
    )
    form = serializers.ChoiceField(
        choices=("", "standard", "easy"), default="", help_text="of the text shown"
    )


@extend_schema_serializer(deprecate_fields=["promised"])
class ConsentChangeSerializer(AliasedSerializer):
    """A partial change; permissions left out keep their value."""

    former_names = {"promised": "disclosed_terms"}

    text_version = serializers.CharField(
        max_length=32, default="", help_text="required to grant, not to withdraw"
    )
    supporters = build_supporters_field()
    disclosed_terms = build_terms_field()
    promised = build_former_terms_field()
    own_view = serializers.BooleanField(required=False)
    support_view = serializers.BooleanField(required=False)
    research = serializers.BooleanField(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not {"own_view", "support_view", "research"} & attrs.keys():
            raise serializers.ValidationError(
                "Name at least one of own_view, support_view, research."
            )
        return attrs


class NamedSupporterSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    name = serializers.CharField()
    sees = serializers.BooleanField(help_text="whether this person has access to this session now")


class ConsentPointSerializer(serializers.Serializer[Any]):
    symbol = serializers.CharField(required=False, help_text="name of a pictogram")
    heading = serializers.CharField()
    body = serializers.CharField()


class ConsentQuestionSerializer(ConsentPointSerializer):
    """One question, as it is shown on a screen of its own."""

    permission = serializers.ChoiceField(choices=GRANTS)
    symbol = serializers.CharField(help_text="name of a pictogram")


# A generator of clients names the property `text` of `Consent` ConsentText.
@extend_schema_serializer(component_name="ConsentTextForm")
class ConsentTextSerializer(serializers.Serializer[Any]):
    title = serializers.CharField()
    intro = serializers.CharField()
    points = ConsentPointSerializer(many=True)
    questions = ConsentQuestionSerializer(
        many=True, required=False, help_text="by permission; absent in texts before 2026-11-6"
    )


class ConsentTextFormsSerializer(serializers.Serializer[Any]):
    standard = ConsentTextSerializer(required=False)
    easy = ConsentTextSerializer(required=False, help_text="easy read")


@extend_schema_serializer(deprecate_fields=["promised"])
class ConsentSerializer(serializers.Serializer[Any]):
    text_version = serializers.CharField()
    text = serializers.DictField(child=ConsentTextFormsSerializer(), help_text="by locale")
    disclosed_terms = DisclosedTermsSerializer()
    promised = DisclosedTermsSerializer(
        source="disclosed_terms", help_text="deprecated: use `disclosed_terms`"
    )
    responsible = ControllerSerializer()
    granted = GrantsSerializer()
    state = serializers.ChoiceField(choices=("none", "granted", "pending_guardian", "withdrawn"))
    ask_again = serializers.BooleanField(
        help_text="earlier consent is no longer valid: the text or the policy changed"
    )
    guardian = serializers.ChoiceField(
        choices=("asked", "given", "refused", "withdrawn"),
        allow_null=True,
        help_text="state of the newest request to the guardian",
    )
    awaiting = serializers.ListField(
        child=serializers.ChoiceField(choices=GRANTS),
        help_text="permissions waiting for the guardian",
    )
    epoch = serializers.IntegerField()
    erased = serializers.BooleanField()
    receipt = serializers.CharField(allow_blank=True)
    supporters = NamedSupporterSerializer(many=True, help_text="support persons of this learner")

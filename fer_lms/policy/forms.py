from typing import Any, cast

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from fer_lms.people.models import User
from fer_lms.policy.hint_arrival import describe_hint_arrival
from fer_lms.policy.models import DeploymentPolicy
from fer_lms.policy.profiles import PROFILES


class DraftForm(forms.ModelForm[DeploymentPolicy]):
    """The fields of a draft; the page also shows the checklist of requirements."""

    jurisdiction = forms.ChoiceField(
        label=_("Jurisdiction"),
        choices=lambda: [("", "---------"), *((item.key, item.name) for item in PROFILES.values())],
        help_text=_("Where the learners are. It decides which requirements apply."),
    )

    class Meta:
        model = DeploymentPolicy
        exclude = ("kind", "signed_by", "signer", "signed_at", "seal", "ended_at")  # noqa: DJ006 - all but the signature

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if field := self.fields.get("face_evidence_in_hints"):  # absent from a signed policy
            field.help_text = describe_hint_arrival()


class SignForm(forms.Form):
    """The signer's name and password."""

    name = forms.CharField(label=_("Your name"), max_length=200)
    password = forms.CharField(
        label=_("Your password"),
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, *args: Any, actor: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._actor = actor

    def clean_password(self) -> str:
        password = cast(str, self.cleaned_data["password"])
        if not self._actor.check_password(password):
            raise forms.ValidationError(gettext("Wrong password. Try again."))
        return password


class EndForm(forms.Form):
    """A confirmation by typing the policy's name."""

    confirmation = forms.CharField(max_length=200)

    def __init__(self, *args: Any, policy: DeploymentPolicy, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._name = get_policy_name(policy)
        label = gettext("To confirm, type: %(name)s") % {"name": self._name}
        self.fields["confirmation"].label = label

    def clean_confirmation(self) -> str:
        confirmation = cast(str, self.cleaned_data["confirmation"]).strip()
        if confirmation.casefold() != self._name.casefold():
            raise forms.ValidationError(gettext("That is not the name of the policy. Try again."))
        return confirmation


def get_policy_name(policy: DeploymentPolicy) -> str:
    return f"policy {policy.pk}"

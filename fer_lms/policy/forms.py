from typing import Any, cast

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from fer_lms.people.models import User
from fer_lms.policy.models import DeploymentPolicy
from fer_lms.policy.profiles import PROFILES


class DraftForm(forms.ModelForm[DeploymentPolicy]):
    """What an administrator fills in; the checklist beside it says what is still missing."""

    jurisdiction = forms.ChoiceField(
        label=_("Jurisdiction"),
        choices=lambda: [("", "---------"), *((key, each.name) for key, each in PROFILES.items())],
        help_text=_("Where the learners are. It decides what has to be held."),
    )

    class Meta:
        model = DeploymentPolicy
        exclude = ("kind", "signed_by", "signer", "signed_at", "seal", "ended_at")  # noqa: DJ006 - all that is not the signature's


class SignForm(forms.Form):
    """Whoever signs says so by name, and shows to be that person once more."""

    name = forms.CharField(label=_("Your name, as you sign"), max_length=200)
    password = forms.CharField(
        label=_("Your password, once more"),
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, *args: Any, actor: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._actor = actor

    def clean_password(self) -> str:
        password = cast(str, self.cleaned_data["password"])
        if not self._actor.check_password(password):
            raise forms.ValidationError(gettext("That is not your password."))
        return password


class EndForm(forms.Form):
    """Ending asks for the name of the thing."""

    thing = forms.CharField(max_length=200)

    def __init__(self, *args: Any, policy: DeploymentPolicy, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._name = name_of(policy)
        self.fields["thing"].label = gettext("To go on, write: %(name)s") % {"name": self._name}

    def clean_thing(self) -> str:
        thing = cast(str, self.cleaned_data["thing"]).strip()
        if thing.casefold() != self._name.casefold():
            raise forms.ValidationError(gettext("That is not its name."))
        return thing


def name_of(policy: DeploymentPolicy) -> str:
    return f"policy {policy.pk}"

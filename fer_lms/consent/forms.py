from typing import Any, cast

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from fer_lms.consent.models import GRANTS, GuardianConsent
from fer_lms.lessons.models import Supporter
from fer_lms.lessons.queries import list_active_supporters

GRANT_LABELS = {
    "capture": _("The camera may be used in lessons."),
    "server_processing": _(
        "Pictures may go to the school's computer, which reads each for a moment and deletes it."
    ),
    "own_view": _("The learner may see what the computer reads."),
    "support_view": _("A named support person may see the learner's own results and corrections."),
    "research": _("The results may be used to study how well this tool works."),
}


def _list_supporter_links(guardian_consent: GuardianConsent) -> list[Supporter]:
    return list(list_active_supporters().filter(learner=guardian_consent.person_id))


def _format_label(grant: str, links: list[Supporter]) -> str:
    """Return the grant's label, for `support_view` with the names of the support persons."""
    label = str(GRANT_LABELS[grant])
    if grant != "support_view":
        return label
    names = {link.supporter.staff_display_name for link in links}
    if not names:
        return label + " " + gettext("Nobody is named yet.")
    named = gettext("Named now: %(names)s.") % {"names": ", ".join(sorted(names))}
    return f"{label} {named}"


class GrantsForm(forms.Form):
    """The grants that a guardian agrees to; none is preselected."""

    given = forms.MultipleChoiceField(
        label=_("I agree to"), widget=forms.CheckboxSelectMultiple, required=False
    )

    def __init__(self, *args: Any, guardian_consent: GuardianConsent, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast(forms.MultipleChoiceField, self.fields["given"])
        links = _list_supporter_links(guardian_consent)
        field.choices = [
            (grant, _format_label(grant, links))
            for grant in GRANTS
            if grant in guardian_consent.asked_for
        ]
        self.shown_supporters = " ".join(sorted(str(link.pk) for link in links))


class GuardianForm(GrantsForm):
    """A guardian's grants and signature; a refusal is sent without either."""

    name = forms.CharField(
        label=_("Your name"), max_length=200, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )

    def clean_given(self) -> list[str]:
        given = cast(list[str], self.cleaned_data["given"])
        if "support_view" in given and self.data.get("shown", "") != self.shown_supporters:
            raise forms.ValidationError(
                gettext("The support persons have changed. Please read the names and decide again.")
            )
        if not given:
            raise forms.ValidationError(gettext("Tick what you agree to, or press “No”."))
        return given


class PaperConsentForm(GrantsForm):
    """Grants on a signed form, entered by staff."""

    of_age = forms.BooleanField(
        label=_("The learner is old enough to agree alone; proof was seen"), required=False
    )
    reference = forms.CharField(label=_("Reference of the signed form"), max_length=200)


class SupportersConsentForm(forms.Form):
    """A guardian's consent to the current support persons, entered by staff."""

    reference = forms.CharField(label=_("Reference of the signed form"), max_length=100)

    def __init__(self, *args: Any, guardian_consent: GuardianConsent, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.supporters_label = _format_label(
            "support_view", _list_supporter_links(guardian_consent)
        )

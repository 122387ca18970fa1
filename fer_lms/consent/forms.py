from typing import Any, cast

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from fer_lms.consent.models import GRANTS, GuardianConsent
from fer_lms.lessons.models import Supporter
from fer_lms.lessons.queries import active_supports

GRANT_WORDS = {
    "capture": _("The camera may be used in lessons."),
    "server_processing": _(
        "Pictures may go to the school's computer, which looks at each for a moment and throws "
        "it away."
    ),
    "own_view": _("The learner may see what the computer reads."),
    "support_view": _(
        "A person who is named to support the learner may see the learner's own figures and words."
    ),
    "research": _("The figures may be used to study how well this tool works."),
}


def _words(grant: str, links: list[Supporter]) -> str:
    """With the names of those who are support persons now, where it is about them."""
    words = str(GRANT_WORDS[grant])
    if grant != "support_view":
        return words
    names = {link.supporter.get_full_name() or link.supporter.username for link in links}
    if not names:
        return f"{words} {gettext('Nobody is named yet.')}"
    return f"{words} {gettext('Named now: %(names)s.') % {'names': ', '.join(sorted(names))}}"


class GivenForm(forms.Form):
    """What of it the guardian agrees to: none ticked beforehand."""

    given = forms.MultipleChoiceField(
        label=_("I agree to"), widget=forms.CheckboxSelectMultiple, required=False
    )

    def __init__(self, *args: Any, question: GuardianConsent, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast(forms.MultipleChoiceField, self.fields["given"])
        links = list(active_supports().filter(learner=question.person_id))
        field.choices = [
            (grant, _words(grant, links)) for grant in GRANTS if grant in question.asked_for
        ]
        self.shown = " ".join(sorted(str(link.pk) for link in links))


class GuardianForm(GivenForm):
    """A guardian's yes, with a name under it. A no needs neither."""

    name = forms.CharField(
        label=_("Your name"), max_length=200, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )

    def clean_given(self) -> list[str]:
        given = cast(list[str], self.cleaned_data["given"])
        if "support_view" in given and self.data.get("shown", "") != self.shown:
            raise forms.ValidationError(
                gettext("Who is named has changed. Please look at the names and decide again.")
            )
        if not given:
            raise forms.ValidationError(
                gettext("Tick what you agree to. If it is nothing, press “No”.")
            )
        return given


class PaperConsentForm(GivenForm):
    """What staff enter from a signed paper."""

    of_age = forms.BooleanField(
        label=_("The learner is old enough to agree alone; proof was seen"), required=False
    )
    reference = forms.CharField(
        label=_("Reference under which the paper can be found"), max_length=200
    )


class SupportersPaperForm(forms.Form):
    """What staff enter where a guardian agrees to the support persons of now."""

    reference = forms.CharField(
        label=_("Reference under which the paper can be found"), max_length=100
    )

    def __init__(self, *args: Any, question: GuardianConsent, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        links = active_supports().filter(learner=question.person_id)
        self.named = _words("support_view", list(links))

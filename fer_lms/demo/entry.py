"""The form at the door: what may be asked for, and why not."""

import unicodedata
import uuid

from django import forms
from django.utils.translation import gettext_lazy as _

from fer_lms.lessons.models import Role

JOINERS = "\N{ZERO WIDTH NON-JOINER}\N{ZERO WIDTH JOINER}"
"""Invisible, and part of how names are written in Persian and in Indian scripts."""
MAX_NAME_LENGTH = 40
NEW = "new"


def _is_name(text: str) -> bool:
    """Anything that can be seen, in any script: no controls, nothing that turns the direction of
    what stands beside it, no angle brackets."""
    kinds = {sign: unicodedata.category(sign) for sign in text if sign not in JOINERS}
    unseen = any(kind in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp") for kind in kinds.values())
    seen = any(kind[0] in "LNPS" for kind in kinds.values())
    return seen and not unseen and not {"<", ">"} & kinds.keys()


class NameForm(forms.Form):
    name = forms.CharField(max_length=MAX_NAME_LENGTH)

    def clean_name(self) -> str:
        name = " ".join(unicodedata.normalize("NFKC", self.cleaned_data["name"]).split())
        if len(name) > MAX_NAME_LENGTH or not _is_name(name):
            raise forms.ValidationError(
                _("A name is at most 40 characters that can be seen, without angle brackets."),
                code="name",
            )
        return name


class EntryForm(NameForm):
    role = forms.ChoiceField(choices=Role.choices)
    session = forms.CharField(required=False, max_length=36)

    def clean_session(self) -> uuid.UUID | str:
        """Empty for the open sitting, NEW, or an id."""
        wanted: str = self.cleaned_data["session"]
        if wanted in ("", NEW):
            return wanted
        try:
            return uuid.UUID(wanted)
        except ValueError as error:
            raise forms.ValidationError(
                _("This is not the id of a lesson."), code="session"
            ) from error

    def clean(self) -> None:
        if (
            self.cleaned_data.get("session") == NEW
            and self.cleaned_data.get("role") != Role.TEACHER
        ):
            raise forms.ValidationError(_("Only teachers can start a new lesson."), code="role")

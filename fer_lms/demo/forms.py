"""Forms of the entry page."""

import unicodedata
import uuid

from django import forms
from django.utils.translation import gettext_lazy as _

from fer_lms.lessons.models import Role

JOINERS = "\N{ZERO WIDTH NON-JOINER}\N{ZERO WIDTH JOINER}"
"""Invisible characters that Persian and Indian scripts need."""
MAX_NAME_LENGTH = 40
NEW_SESSION = "new"


def _is_name(text: str) -> bool:
    """Accept visible characters of any script, without controls (which include changes of the
    writing direction) and angle brackets."""
    categories = {char: unicodedata.category(char) for char in text if char not in JOINERS}
    has_control = any(
        category in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp") for category in categories.values()
    )
    is_visible = any(category[0] in "LNPS" for category in categories.values())
    return is_visible and not has_control and not {"<", ">"} & categories.keys()


class NameForm(forms.Form):
    name = forms.CharField(max_length=MAX_NAME_LENGTH)

    def clean_name(self) -> str:
        name = " ".join(unicodedata.normalize("NFKC", self.cleaned_data["name"]).split())
        if len(name) > MAX_NAME_LENGTH or not _is_name(name):
            raise forms.ValidationError(
                _("Use at most 40 visible characters, without angle brackets."),
                code="name",
            )
        return name


class EntryForm(NameForm):
    role = forms.ChoiceField(choices=Role.choices)
    session = forms.CharField(required=False, max_length=36)

    def clean_session(self) -> uuid.UUID | str:
        """Return "" for the open session, NEW_SESSION, or an id."""
        value: str = self.cleaned_data["session"]
        if value in ("", NEW_SESSION):
            return value
        try:
            return uuid.UUID(value)
        except ValueError as error:
            raise forms.ValidationError(_("This is not a session id."), code="session") from error

    def clean(self) -> None:
        if (
            self.cleaned_data.get("session") == NEW_SESSION
            and self.cleaned_data.get("role") != Role.TEACHER
        ):
            raise forms.ValidationError(_("Only teachers can start a new session."), code="role")

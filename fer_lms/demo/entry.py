"""The form at the door: what may be asked for, and why not."""

import unicodedata
import uuid

from django import forms
from django.utils.translation import gettext_lazy as _

from fer_lms.lessons.models import Role

BETWEEN_LETTERS = " .'-\N{RIGHT SINGLE QUOTATION MARK}"
LONGEST_NAME = 40
NEW = "new"


def _is_name(text: str) -> bool:
    """Letters and digits of any script, with what stands between them."""
    written = [unicodedata.category(sign)[0] in "LMN" for sign in text]
    return written[0] and all(
        known or sign in BETWEEN_LETTERS for known, sign in zip(written, text, strict=True)
    )


class NameForm(forms.Form):
    name = forms.CharField(max_length=LONGEST_NAME)

    def clean_name(self) -> str:
        name = " ".join(unicodedata.normalize("NFKC", self.cleaned_data["name"]).split())
        if len(name) > LONGEST_NAME or not name or not _is_name(name):
            raise forms.ValidationError(
                _(
                    "A name starts with a letter or digit and holds only letters, digits, spaces, "
                    "dots, hyphens and apostrophes."
                ),
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

from typing import Any, cast

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from fer_lms.integrations.models import MAX_NAME_CHARACTERS, MAX_URL_CHARACTERS
from fer_lms.integrations.tokens import LIFETIMES_DAYS, Scope
from fer_lms.integrations.webhooks import is_local
from fer_lms.lessons.models import Course
from fer_lms.outbound import AddressRefused, parse_url


class CourseForm(forms.Form):
    """A form about one of the courses that the person teaches."""

    course = forms.ModelChoiceField(queryset=Course.objects.none(), label=_("Course"))

    def __init__(self, *args: Any, courses: QuerySet[Course], **kwargs: Any) -> None:
        # Two of these forms are on one page.
        auto_id = f"{type(self).__name__.lower()}-%s"
        super().__init__(*args, **{**kwargs, "auto_id": auto_id, "label_suffix": ""})
        field = cast("forms.ModelChoiceField[Course]", self.fields["course"])
        field.queryset = courses
        if len(courses) == 1:
            field.initial = courses[0]


class TokenForm(CourseForm):
    name = forms.CharField(max_length=MAX_NAME_CHARACTERS, label=_("What it is for"))
    scopes = forms.MultipleChoiceField(
        choices=Scope.choices, widget=forms.CheckboxSelectMultiple, label=_("What it may do")
    )
    days = forms.TypedChoiceField(coerce=int, initial=LIFETIMES_DAYS[1], label=_("Ends after"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast(forms.TypedChoiceField, self.fields["days"])
        field.choices = [
            (days, ngettext("%(n)s day", "%(n)s days", days) % {"n": days})
            for days in LIFETIMES_DAYS
        ]


class WebhookForm(CourseForm):
    url = forms.URLField(
        max_length=MAX_URL_CHARACTERS, assume_scheme="https", label=_("Address, with https")
    )

    def clean_url(self) -> str:
        url: str = self.cleaned_data["url"]
        try:
            parse_url(url, local=is_local(url))
        except AddressRefused as error:
            raise forms.ValidationError(
                _("Use an address that begins with https:// and has no user name in it.")
            ) from error
        return url

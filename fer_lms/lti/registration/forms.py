from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from fer_lms.lti.models import MAX_ID_LENGTH
from fer_lms.lti.registration.platforms import PlatformConfig, fill_platform_urls

OTHER_URLS = ("auth_login_url", "auth_token_url", "key_set_url")


class PlatformForm(forms.Form):
    """A manual registration. For Moodle and Canvas the start page's URL determines all others."""

    kind = forms.ChoiceField(
        label=_("kind"),
        choices=[("moodle", "Moodle"), ("canvas", "Canvas"), ("other", _("another"))],
    )
    url = forms.URLField(
        label=_("address of its start page"),
        assume_scheme="https",
        help_text=_("For example https://moodle.school.example. Of another kind: its issuer."),
    )
    client_id = forms.CharField(label=_("client id"), max_length=MAX_ID_LENGTH)
    deployment_id = forms.CharField(
        label=_("deployment id"), max_length=MAX_ID_LENGTH, required=False
    )
    auth_login_url = forms.URLField(label=_("login address"), required=False, assume_scheme="https")
    auth_token_url = forms.URLField(label=_("token address"), required=False, assume_scheme="https")
    key_set_url = forms.URLField(label=_("key set address"), required=False, assume_scheme="https")
    local = forms.BooleanField(
        label=_("in our own network"),
        required=False,
        help_text=_("Plain http and private addresses are allowed for this one."),
    )

    def clean(self) -> dict[str, Any] | None:
        values = super().clean()
        if values and values.get("kind") == "other":
            for name in OTHER_URLS:
                if not values.get(name):
                    self.add_error(name, _("Needed for another kind of platform."))
        return values

    def build_config(self) -> PlatformConfig:
        names = ("client_id", "local", *OTHER_URLS)
        config = PlatformConfig(**{name: self.cleaned_data[name] for name in names})
        kind, url = self.cleaned_data["kind"], self.cleaned_data["url"]
        return fill_platform_urls(config, kind=kind, url=url)

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from fer_lms.lti.models import LONGEST_ID
from fer_lms.lti.registration.platforms import PlatformFacts, canvas_facts, moodle_facts


class PlatformForm(forms.Form):
    """A platform by hand: of Moodle and Canvas the address says all the others."""

    kind = forms.ChoiceField(
        label=_("kind"),
        choices=[("moodle", "Moodle"), ("canvas", "Canvas"), ("other", _("another"))],
    )
    url = forms.URLField(
        label=_("address of its start page"),
        assume_scheme="https",
        help_text=_("For example https://moodle.school.example. Of another kind: its issuer."),
    )
    client_id = forms.CharField(label=_("client id"), max_length=LONGEST_ID)
    deployment_id = forms.CharField(label=_("deployment id"), max_length=LONGEST_ID, required=False)
    auth_login_url = forms.URLField(label=_("login address"), required=False, assume_scheme="https")
    auth_token_url = forms.URLField(label=_("token address"), required=False, assume_scheme="https")
    key_set_url = forms.URLField(label=_("key set address"), required=False, assume_scheme="https")
    local = forms.BooleanField(
        label=_("in our own network"),
        required=False,
        help_text=_("Plain http and private addresses are allowed for this one."),
    )

    def clean(self) -> dict[str, Any] | None:
        given = super().clean()
        if given and given.get("kind") == "other":
            for name in ("auth_login_url", "auth_token_url", "key_set_url"):
                if not given.get(name):
                    self.add_error(name, _("Needed for another kind of platform."))
        return given

    def facts(self) -> PlatformFacts:
        given = self.cleaned_data
        if given["kind"] == "moodle":
            return moodle_facts(
                url=given["url"], client_id=given["client_id"], local=given["local"]
            )
        if given["kind"] == "canvas":
            return canvas_facts(
                url=given["url"], client_id=given["client_id"], local=given["local"]
            )
        return PlatformFacts(
            name=given["url"],
            issuer=given["url"],
            client_id=given["client_id"],
            auth_login_url=given["auth_login_url"],
            auth_token_url=given["auth_token_url"],
            key_set_url=given["key_set_url"],
            local=given["local"],
        )


class DeploymentForm(forms.Form):
    deployment_id = forms.CharField(max_length=LONGEST_ID)

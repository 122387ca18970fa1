from django.conf import settings
from django.utils.translation import gettext


def is_enabled() -> bool:
    return bool(settings.XAPI_URL) and not settings.DEMO


def get_privacy_text() -> str:
    """Return the privacy page's paragraph about the learning record store."""
    if not is_enabled():
        return gettext("Nothing is passed on: no learning record store is set up here.")
    return gettext(
        "Your institution keeps a learning record store and asked for a record of which lessons "
        "were opened, which steps were looked at, which hints were asked for, what was "
        "answered to them, and which reports a teacher opened. Only where the policy permits it, "
        "figures of a whole class go there too, which name nobody. Your name is not in it: a "
        "number stands for you, which only this installation can trace back."
    )

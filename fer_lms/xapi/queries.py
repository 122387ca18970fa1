from django.utils.translation import gettext

from fer_lms.xapi.actions import is_on


def xapi_text() -> str:
    """What the privacy page says of passing statements on, as things stand."""
    if not is_on():
        return gettext("Nothing is passed on: no learning record store is set up here.")
    return gettext(
        "Your institution keeps a learning record store and asked for a record of which lessons "
        "were opened and which steps were looked at. Your name is not in it: a number stands for "
        "you, which only this installation can trace back."
    )

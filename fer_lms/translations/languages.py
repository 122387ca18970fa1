"""Languages of the interface, and where their files are."""

import tomllib
from pathlib import Path
from typing import Final

from django.utils.translation import gettext_lazy as _

ROOT: Final = Path(__file__).resolve().parent.parent.parent
LOCALE_FOLDER: Final = ROOT / "fer_lms" / "locale"
SOURCE_LANGUAGE: Final = "en"

LANGUAGES: Final = [
    ("en", _("English")),
    ("de", _("German")),
    ("id", _("Indonesian")),
    ("ar", _("Arabic")),
]

PLURAL_FORMS: Final = {
    "de": "nplurals=2; plural=(n != 1);",
    "id": "nplurals=1; plural=0;",
    "ar": (
        "nplurals=6; plural=n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 : "
        "n%100>=11 && n%100<=99 ? 4 : 5;"
    ),
}
"""By language, as in Django's own catalogues: Django keeps catalogues of other formulas apart."""

PLURAL_EXAMPLES: Final = {
    "de": ("1", "0, 2, 3, …"),
    "id": ("every number",),
    "ar": ("0", "1", "2", "3 to 10", "11 to 99", "100 to 102, 200, …"),
}
"""Numbers of each plural form, for translators."""

DOMAINS: Final = ("django", "djangojs")
"""Catalogues: of Python and templates, of TypeScript."""

REVIEWED_PARTS: Final = ("interface", "consent_texts", "lessons")


def get_catalog_path(language: str, domain: str) -> Path:
    return LOCALE_FOLDER / language / "LC_MESSAGES" / f"{domain}.po"


def is_reviewed(language: str, part: str) -> bool:
    """Return whether a native speaker has reviewed a part, one of `REVIEWED_PARTS`."""
    if language == SOURCE_LANGUAGE:
        return True
    path = LOCALE_FOLDER / language / "review.toml"
    return path.exists() and tomllib.loads(path.read_text(encoding="utf-8"))[part]["reviewed"]

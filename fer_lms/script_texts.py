"""Texts of the front end in one language, as a script that a browser may keep for a year."""

import hashlib
import json
from collections.abc import Mapping
from functools import cache
from typing import Any, Final
from urllib.parse import urlencode

from babel.messages.catalog import Catalog
from django import template
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from fer_lms.page_language import find_language
from fer_lms.translations.batches import get_stored_translation, is_translated
from fer_lms.translations.catalogs import read_catalog
from fer_lms.translations.languages import PLURAL_FORMS, SOURCE_LANGUAGE

MAX_AGE_S: Final = 365 * 24 * 3600
COMMON_ENTRY: Final = "src/site.ts"
MODULES_FILE: Final = "modules.json"
"""Written by the build: the source files of each entry of the front end."""

SCRIPT: Final = """\
(()=>{const texts=%s,form=n=>Number(%s),find=key=>texts[key],pick=(found,n,one,many)=>\
found?.[form(n)]??(n===1?one:many);globalThis.django={gettext:text=>find(text)??text,\
ngettext:(one,many,n)=>pick(find(one),n,one,many),pgettext:(context,text)=>\
find(context+"\\u0004"+text)??text}})();
"""
"""Functions of Django's catalogue that frontend/src/text.ts calls."""


register = template.Library()


@register.simple_tag(name="script_texts")
def render_script_texts(entry: str = "") -> str:
    """Render the element that loads the texts of a page; English needs none."""
    language = get_language() or SOURCE_LANGUAGE
    if language not in PLURAL_FORMS:
        return ""
    _, version = get_script(language, entry)
    query = urlencode({"language": language, "entry": entry, "v": version})
    return format_html('<script defer src="{}?{}"></script>', reverse("jsi18n"), query)


@require_GET
def script_texts(request: HttpRequest) -> HttpResponse:
    """Return the texts for `?language=`, of one entry of the front end for `?entry=`."""
    language = find_language(request.GET.get("language", "")) or get_language() or SOURCE_LANGUAGE
    content, version = get_script(language, request.GET.get("entry", ""))
    response = HttpResponse(content, content_type="text/javascript; charset=utf-8")
    if request.GET.get("v") == version:
        response["Cache-Control"] = f"public, max-age={MAX_AGE_S}, immutable"
    return response


@cache
def get_script(language: str, entry: str) -> tuple[str, str]:
    """Return the script and its version; of an unknown entry, all texts of the front end."""
    if language not in PLURAL_FORMS:
        return "", "0"
    plural = PLURAL_FORMS[language].partition("plural=")[2].rstrip(";")
    texts = _collect_texts(_get_catalog(language), _list_modules(entry))
    encoded = json.dumps(texts, ensure_ascii=False, separators=(",", ":"))
    content = SCRIPT % (encoded.replace("<", "\\u003c"), plural)
    return content, hashlib.sha256(content.encode()).hexdigest()[:12]


@cache
def _get_catalog(language: str) -> Catalog:
    return read_catalog(language, "djangojs")


@cache
def _read_modules() -> Mapping[str, frozenset[str]]:
    path = settings.FRONTEND_DIST / MODULES_FILE
    if not path.exists():
        return {}
    entries = json.loads(path.read_text(encoding="utf-8"))
    return {entry: frozenset(modules) for entry, modules in entries.items()}


def _list_modules(entry: str) -> frozenset[str] | None:
    """Return the sources of an entry and of the script that every page loads; None: all."""
    modules = _read_modules()
    if f"src/{entry}.ts" not in modules:
        return None
    return modules[f"src/{entry}.ts"] | modules[COMMON_ENTRY]


def _collect_texts(catalog: Catalog, modules: frozenset[str] | None) -> dict[str, Any]:
    texts: dict[str, Any] = {}
    for message in catalog:
        files = {path.removeprefix("frontend/") for path, _ in message.locations}
        if message.id and is_translated(message) and (modules is None or files & modules):
            text = message.id if isinstance(message.id, str) else message.id[0]
            key = f"{message.context}\u0004{text}" if message.context else text
            texts[key] = get_stored_translation(message)
    return texts

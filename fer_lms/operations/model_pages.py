"""The released networks and their card, for the administration."""

import os
from dataclasses import dataclass

from django.utils.safestring import SafeString, mark_safe

from fer_lms.lessons.content.markdown import render_html
from inference.errors import InferenceError
from inference.models.released import get_weights_folder, list_released_models, read_pinned

CARD = "MODEL_CARD.md"


@dataclass(frozen=True, slots=True)
class ModelRow:
    name: str
    sha256: str
    is_in_force: bool
    problem: str


def list_model_rows() -> list[ModelRow]:
    """Return every network of the weights folder; empty where the folder has none."""
    try:
        default, released = list_released_models()
    except InferenceError:
        return []
    chosen = os.environ.get("FER_MODEL") or default
    rows = []
    for model in released.values():
        try:
            read_pinned(model.path, model.sha256)
            problem = ""
        except InferenceError as error:
            problem = str(error)
        rows.append(ModelRow(model.name, model.sha256, model.name == chosen, problem))
    return rows


def render_card() -> SafeString:
    """Return the model card as HTML; "" where there is none, as in adapted networks."""
    try:
        text = (get_weights_folder() / CARD).read_text(encoding="utf-8")
    except (InferenceError, OSError):
        return SafeString()
    html = render_html(text).replace("<th></th>", "<td></td>")  # tables without headers
    return mark_safe(html)  # noqa: S308 - render_html passes an allow-list

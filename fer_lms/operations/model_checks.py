"""Checks of the model files, their sha256 and the face detector."""

import os
from collections.abc import Iterator

from fer_lms.engagement.face_reading import is_fitted_to_network_in_force
from fer_lms.operations.findings import Finding
from inference.errors import InferenceError
from inference.models.released import ReleasedModel, list_released_models, read_pinned
from inference.models.store import MANIFEST, Model, find_model, get_model_folder


def check_models(*, open_models: bool) -> Iterator[Finding]:
    default, released = list_released_models()
    chosen = os.environ.get("FER_MODEL") or default
    if chosen not in released:
        yield Finding("expression model", "missing", f"FER_MODEL is {chosen}, which does not exist")
    for model in released.values():
        yield _check_released(model, chosen)
    yield _check_evidence()
    third_party = [_check_third_party(model) for model in MANIFEST]
    yield from third_party
    # A detector would download a missing file.
    if not all(finding.state == "ok" for finding in third_party):
        return
    if open_models:
        yield _check_detector()
    else:
        yield Finding("face detector", "unchecked", "only the command `doctor` opens the models")


def _check_evidence() -> Finding:
    """Check that the face evidence of hints was fitted with the network in force."""
    if is_fitted_to_network_in_force():
        return Finding("face evidence of hints", "ok", "fitted with this expression model")
    return Finding(
        "face evidence of hints",
        "warning",
        "off: its coefficients were fitted with another expression model; run `manage.py "
        "fit_evidence` in a checkout, or use the released model",
    )


def _check_released(model: ReleasedModel, chosen: str) -> Finding:
    name = "expression model" if model.name == chosen else "further model"
    try:
        read_pinned(model.path, model.sha256)
    except InferenceError as error:
        return Finding(name, "missing" if model.name == chosen else "warning", str(error))
    return Finding(name, "ok", f"{model.name}, sha256 {model.sha256}")


def _check_third_party(model: Model) -> Finding:
    try:
        find_model(model)
    except InferenceError as error:
        return Finding("face model", "missing", str(error))
    return Finding(
        "face model", "ok", f"{model.name} in {get_model_folder()}, sha256 {model.sha256}"
    )


def _check_detector() -> Finding:
    from inference.detection.faces import probe_detector  # loads OpenCV, not for the web process

    try:
        kind, reason = probe_detector()
    except InferenceError as error:
        return Finding("face detector", "missing", str(error))
    return Finding(
        "face detector", "warning" if kind == "opencv-blazeface" else "ok", f"{kind}: {reason}"
    )

"""The models as `doctor` finds them: which, with which sha256, and what detector they make."""

import os
from collections.abc import Iterator

from fer_lms.operations.findings import Finding
from inference.errors import InferenceError
from inference.models.released import ReleasedModel, list_released_models, read_pinned
from inference.models.store import MANIFEST, Model, find_model, get_model_folder


def model_findings(*, open_models: bool) -> Iterator[Finding]:
    """`open_models`: also make a detector, which loads what reads pictures into this process."""
    default, released = list_released_models()
    chosen = os.environ.get("FER_MODEL") or default
    if chosen not in released:
        yield Finding("expression model", "missing", f"FER_MODEL names {chosen}, which is none")
    for model in released.values():
        yield _released(model, chosen)
    found = [_third_party(third_party) for third_party in MANIFEST]
    yield from found
    # Making a detector would fetch the file.
    if open_models and all(finding.state == "ok" for finding in found):
        yield _detector()


def _released(model: ReleasedModel, chosen: str) -> Finding:
    name = "expression model" if model.name == chosen else "further model"
    try:
        read_pinned(model.path, model.sha256)
    except InferenceError as error:
        return Finding(name, "missing" if model.name == chosen else "warning", str(error))
    return Finding(name, "ok", f"{model.name}, sha256 {model.sha256}")


def _third_party(model: Model) -> Finding:
    try:
        find_model(model)
    except InferenceError as error:
        return Finding("face model", "missing", str(error))
    return Finding(
        "face model", "ok", f"{model.name} in {get_model_folder()}, sha256 {model.sha256}"
    )


def _detector() -> Finding:
    """Only making one tells which it is."""
    from inference.detection.faces import (
        probe_detector,  # loads OpenCV: never in a process that serves people
    )

    try:
        kind, why = probe_detector()
    except InferenceError as error:
        return Finding("face detector", "missing", str(error))
    return Finding("face detector", "ok" if kind == "mediapipe" else "warning", f"{kind}: {why}")

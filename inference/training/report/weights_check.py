"""Are the weight files, and the listing that pins them, those that the records tell of?"""

import hashlib
from pathlib import Path
from typing import Any

import onnx

from inference.training.records import read_json
from inference.training.report.card import LISTING
from inference.training.report.lineage import Record

LICENCE = "Apache-2.0"
CARD = "MODEL_CARD.md"


def wrong_weights(folder: Path, records: dict[str, Record]) -> list[str]:
    """A line for each file, or entry of the listing, that is another one, missing or nobody's."""
    listing, known, faults = read_json(folder / LISTING), {LISTING}, []
    unknown = dict(listing["models"])
    for name, record in records.items():
        files = {f"{model}.onnx": each["sha256"] for model, each in record["released"].items()}
        if "trainable" in record:
            files[record["trainable"]["file"]] = record["trainable"]["sha256"]
        for file, sha256 in files.items():
            faults += _file_faults(folder / file, sha256, record)
        for model, figures in record["released"].items():
            faults += _entry_faults(name, model, unknown.pop(model, {}), figures, record)
        known |= set(files)
    faults += [f"{model} is listed, but no record tells of it" for model in unknown]
    if listing["default"] not in listing["models"]:
        faults.append(f"the default of {LISTING}, {listing['default']}, is not listed")
    weights = [*folder.glob("*.onnx"), *folder.glob("*.safetensors")]
    strays = sorted(path.name for path in weights if path.name not in known)
    return faults + [f"{stray} is nobody's: no record tells of it" for stray in strays]


def _file_faults(path: Path, sha256: str, record: Record) -> list[str]:
    if not path.exists():
        return [f"{path.name} is missing"]
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != sha256:
        return [f"{path.name} is not the file that the record tells of"]
    return _graph_faults(path.name, content, record) if path.suffix == ".onnx" else []


def _graph_faults(name: str, content: bytes, record: Record) -> list[str]:
    """Opset and picture size are what the record says of them."""
    model = onnx.load_model_from_string(content)
    opsets = {each.version for each in model.opset_import if each.domain in ("", "ai.onnx")}
    dims = [each.dim_value for each in model.graph.input[0].type.tensor_type.shape.dim]
    side = record["settings"]["stages"][-1][0]
    faults = []
    if opsets != {record["opset"]}:
        faults.append(f"{name} is of opset {max(opsets)}, the record says {record['opset']}")
    if dims[1:] != [1, side, side]:
        faults.append(f"{name} takes {dims[-1]} pixels, the record says {side}")
    return faults


def _entry_faults(
    record_name: str, model: str, entry: dict[str, Any], figures: dict[str, Any], record: Record
) -> list[str]:
    wanted = {
        "file": f"{model}.onnx",
        "sha256": figures["sha256"],
        "side": record["settings"]["stages"][-1][0],
        "temperature": figures["temperature"],
        "licence": LICENCE,
        "metrics": CARD,
    }
    wrong = [name for name, value in wanted.items() if entry.get(name) != value]
    if not wrong:
        return []
    return [f"{LISTING} and {record_name} disagree about {model}: {', '.join(wrong)}"]

"""The one place that opens an ONNX model.

Bytes are read once, and the same bytes are checked and handed to ONNX Runtime, so that what was
checked is what runs. Every session has one thread and does not spin: the worker runs one process
a core, and a two-thread pool fell to 0.37 of one thread's speed when a neighbour was busy. Open
sessions after the fork; one made before it hangs in the child.
"""

from pathlib import Path

import numpy as np
import onnxruntime as ort  # type: ignore[import-untyped]

from inference.models.released import read_pinned


def open_session(path: Path, sha256: str) -> ort.InferenceSession:
    """A warmed-up session on one CPU thread, from a file whose sha256 is pinned.

    Raises ModelMissing or ModelCorrupt, saying which file to put where.
    """
    session = ort.InferenceSession(
        read_pinned(path, sha256), session_options(), providers=["CPUExecutionProvider"]
    )
    warm_up(session)
    return session


def session_options() -> ort.SessionOptions:
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.execution_mode = ort.ExecutionMode.ORT_SEQUENTIAL
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.add_session_config_entry("session.inter_op.allow_spinning", "0")
    return options


def warm_up(session: ort.InferenceSession) -> None:
    """One run on zeros, batch 1: the first run allocates, and should not be a learner's frame."""
    zeros = {
        each.name: np.zeros([n if isinstance(n, int) else 1 for n in each.shape], np.float32)
        for each in session.get_inputs()
    }
    session.run(None, zeros)

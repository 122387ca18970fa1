"""Open ONNX models.

The file is read once; the same bytes are hashed and passed to ONNX Runtime. Every session has one
thread and does not spin: the worker runs one process per core, and a two-thread pool reached only
0.37 of one thread's speed next to a busy process. Open sessions after a fork; a session
created before it hangs in the child.
"""

from pathlib import Path

import numpy as np
import onnxruntime as ort  # type: ignore[import-untyped]

from inference.models.released import read_pinned


def open_session(path: Path, sha256: str) -> ort.InferenceSession:
    """Open a warmed-up session on one CPU thread from a file with a pinned sha256.

    Raises:
        ModelMissing, ModelCorrupt: The message says which file to put where.
    """
    session = ort.InferenceSession(
        read_pinned(path, sha256), build_session_options(), providers=["CPUExecutionProvider"]
    )
    warm_up(session)
    return session


def build_session_options() -> ort.SessionOptions:
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.execution_mode = ort.ExecutionMode.ORT_SEQUENTIAL
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.add_session_config_entry("session.inter_op.allow_spinning", "0")
    return options


def warm_up(session: ort.InferenceSession) -> None:
    """Run once on zeros, batch 1, since the first run allocates memory."""
    zeros = {
        node.name: np.zeros([n if isinstance(n, int) else 1 for n in node.shape], np.float32)
        for node in session.get_inputs()
    }
    session.run(None, zeros)

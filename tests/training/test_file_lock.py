"""One program per folder, and processes that end with a killed parent."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="torch is not installed: training is not tested")

from inference.training.data.dataset import FaceDataset
from inference.training.errors import TrainingRefused
from inference.training.file_lock import lock_folder
from inference.training.settings import Settings
from inference.training.train.training import train

STARTS_A_PROCESS = """
import multiprocessing, time
from inference.training.file_lock import exit_with_parent

def work():
    exit_with_parent()
    time.sleep(600)

if __name__ == "__main__":
    process = multiprocessing.get_context("spawn").Process(target=work)
    process.start()
    time.sleep(1)
    print(process.pid, flush=True)
    time.sleep(600)
"""


def test_training_into_a_locked_folder_is_refused(
    synthetic_faces: FaceDataset, tmp_path: Path
) -> None:
    settings = Settings(
        "mobilenet_v3_small", stages=[(32, 1)], batch_size=20, processes=1, validation_share=0.2
    )
    with (
        lock_folder(tmp_path, "train.lock", "busy"),
        pytest.raises(TrainingRefused, match="another program is training in"),
    ):
        train(synthetic_faces, settings, tmp_path)
    assert not (tmp_path / "run.json").exists(), "nothing was touched"
    assert train(synthetic_faces, replace(settings, seed=2), tmp_path)


def test_a_process_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    script = tmp_path / "starts.py"
    script.write_text(STARTS_A_PROCESS)
    path = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, str(script)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=path) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        assert is_running(child)
        parent.send_signal(signal.SIGKILL)
    give_up = time.monotonic() + 60
    while is_running(child) and time.monotonic() < give_up:
        time.sleep(0.1)
    assert not is_running(child)


def is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{process}/stat")
    return not (state.exists() and state.read_text().rpartition(")")[2].split()[0] == "Z")

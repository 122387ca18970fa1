"""A test run ends by itself whatever hangs (tests/run_limits.py)."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MAY_FORK = {"tests/bench/mutation.py": "one process for each mutant, with one thread"}
WORDS = ("fork", "multiprocessing", "ProcessPool", "pty", "preexec")
POOLS = {"ProcessPoolExecutor", "Pool", "Process", "Queue", "SimpleQueue"}
DEADLOCK = """
def wait_in_native_code():
    library, mutex = ctypes.PyDLL(None), ctypes.create_string_buffer(128)
    library.pthread_mutex_lock(mutex)
    library.pthread_mutex_lock(mutex)  # holds the interpreter, and no signal ends it

"""


def run_pytest(folder: Path, code: str) -> subprocess.CompletedProcess[str]:
    (folder / "test_it.py").write_text(f"import atexit, ctypes, os, threading, time\n{code}")
    limits = ("collection_limit=60", "timeout=2", "extra_limit=2", "exit_limit=4")
    return subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "-p", "no:django", "-p", "no:cacheprovider"),
            *("-c", "/dev/null", "--rootdir", str(folder), "-p", "tests.run_limits"),
            *(option for limit in limits for option in ("-o", limit)),
            str(folder / "test_it.py"),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


@pytest.mark.parametrize(
    "code",
    [
        DEADLOCK + "def test_it():\n    wait_in_native_code()",
        DEADLOCK + "def test_it():\n    atexit.register(wait_in_native_code)",
        "def test_it():\n    threading.Thread(target=time.sleep, args=(600,)).start()",
    ],
    ids=["in a test", "at exit", "in a thread that is not a daemon"],
)
def test_a_run_that_hangs_ends_with_a_traceback(tmp_path: Path, code: str) -> None:
    done = run_pytest(tmp_path, code)
    assert done.returncode != 0
    assert "Timeout (0:00:0" in done.stderr
    assert "most recent call first" in done.stderr


def test_a_fork_of_a_process_with_threads_fails_its_test(tmp_path: Path) -> None:
    code = (
        "def test_it():\n"
        "    threading.Thread(target=time.sleep, args=(3,)).start()\n"
        "    child = os.fork()\n"
        "    if not child:\n        os._exit(0)\n"
        "    os.waitpid(child, 0)\n"
    )
    done = run_pytest(tmp_path, code)
    assert done.returncode == 1
    assert "a process with several threads was forked" in done.stdout


def test_other_runs_are_not_disturbed(tmp_path: Path) -> None:
    code = "def test_it():\n    child = os.fork()\n    if not child:\n        os._exit(0)\n"
    assert run_pytest(tmp_path, code + "    os.waitpid(child, 0)\n").returncode == 0


def test_no_code_forks_a_process_to_run_in_it() -> None:
    """Django, NumPy, ONNX Runtime and MediaPipe have threads, which a fork does not bring along."""
    for folder in ("fer_lms", "inference", "tests"):
        for path in (ROOT / folder).rglob("*.py"):
            name, code = str(path.relative_to(ROOT)), path.read_text(encoding="utf-8")
            if any(word in code for word in WORDS) and (forks := list_forks(code)):
                assert name in MAY_FORK, f"{name}: {forks}"


def list_forks(code: str) -> list[str]:
    """Return the calls that fork: of `os`, or of `multiprocessing` without a context to spawn."""
    forks = []
    for node in ast.walk(ast.parse(code)):
        if not isinstance(node, ast.Call):
            continue
        text, name = ast.unparse(node), ast.unparse(node.func)
        if name in ("os.fork", "os.forkpty", "pty.fork", "pty.spawn") or "preexec_fn=" in text:
            forks.append(text)
        if name.endswith("get_context") and "multiprocessing" in name and "spawn" not in text:
            forks.append(text)
        is_default = name.split(".")[0] == "multiprocessing" or name == "ProcessPoolExecutor"
        if is_default and name.split(".")[-1] in POOLS and "context" not in text:
            forks.append(text)
    return forks


def test_forks_are_found() -> None:
    forks = [
        *("os.fork()", "subprocess.run('a', preexec_fn=f)", "multiprocessing.Process()"),
        *("ProcessPoolExecutor(2)", "multiprocessing.get_context('fork')", "pty.spawn('a')"),
    ]
    assert [list_forks(code) for code in forks] == [[code] for code in forks]
    spawns = ["multiprocessing.get_context('spawn').Process()", "ProcessPoolExecutor(2, context)"]
    assert [list_forks(code) for code in spawns] == [[], []]

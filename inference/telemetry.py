"""Keep dependencies from reporting usage: environment variables, and threads without sockets.

ONNX Runtime reads its variable when it is imported. `inference/__init__.py` and
`fer_lms/__init__.py` call `disable_telemetry`, so that it is set in every process of the product
before a dependency loads.

MediaPipe (since 0.10.35) posts statistics to play.googleapis.com once a minute and has no setting
against it. Its objects are therefore created in a thread that cannot open sockets
(`run_without_sockets`): the threads that MediaPipe starts inherit the kernel's filter.
"""

import ctypes
import errno
import os
import platform
import socket
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

T = TypeVar("T")

VARIABLES = {
    "ORT_DISABLE_TELEMETRY": "1",  # ONNX Runtime: id and database in HOME, look-ups every 10 s
    "DO_NOT_TRACK": "1",  # a convention of several tools
    "HF_HUB_DISABLE_TELEMETRY": "1",  # loaded by PyTorch tooling where it is installed
}
"""Environment variables that switch reporting off, and the value that does so."""

PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS = 22, 38
SECCOMP_MODE_FILTER = 2
SECCOMP_RET_ALLOW, SECCOMP_RET_ERRNO = 0x7FFF0000, 0x00050000
LOAD_WORD, JUMP_IF_EQUAL, RETURN = 0x20, 0x15, 0x06
"""Opcodes of classic BPF: BPF_LD|BPF_W|BPF_ABS, BPF_JMP|BPF_JEQ|BPF_K, BPF_RET|BPF_K."""
SOCKET_CALLS = {"x86_64": 41, "aarch64": 198}
"""Number of the system call `socket` by machine (linux/unistd.h)."""


class SocketsNotDenied(OSError):
    """This system cannot deny sockets to a thread; the message says why."""


def disable_telemetry() -> None:
    """Set the variables of `VARIABLES` for this process and its children, whatever they were."""
    os.environ.update(VARIABLES)


def run_without_sockets(work: Callable[[], T]) -> T:
    """Call `work` in a new thread that cannot open sockets, and return its result.

    Threads that `work` starts cannot open sockets either, for as long as they live. Other threads
    of the process are not affected.

    Raises:
        SocketsNotDenied: The system has no such filter; `work` was not called.
    """
    answer: Future[T] = Future()

    def run() -> None:
        try:
            _deny_sockets_in_this_thread()
            answer.set_result(work())
        except BaseException as error:  # re-raised in the calling thread
            answer.set_exception(error)

    thread = threading.Thread(target=run, name="without-sockets")
    thread.start()
    thread.join()
    return answer.result()


def list_telemetry_issues() -> list[str]:
    """Return what keeps a dependency of this process from being silenced; empty where nothing does.

    Opens a socket in a thread that must not be able to.
    """
    issues = [
        f"{name} is not {value}"
        for name, value in VARIABLES.items()
        if os.environ.get(name) != value
    ]
    try:
        run_without_sockets(lambda: socket.socket().close())
    except SocketsNotDenied as error:
        issues.append(f"MediaPipe cannot be silenced and is not used: {error}")
    except PermissionError:
        return issues
    else:
        issues.append("a thread that must not open sockets could open one")
    return issues


class _Instruction(ctypes.Structure):
    """`struct sock_filter` of linux/filter.h."""

    _fields_ = [
        ("code", ctypes.c_uint16),
        ("jump_true", ctypes.c_uint8),
        ("jump_false", ctypes.c_uint8),
        ("value", ctypes.c_uint32),
    ]


class _Program(ctypes.Structure):
    """`struct sock_fprog` of linux/filter.h."""

    _fields_ = [("length", ctypes.c_uint16), ("filter", ctypes.POINTER(_Instruction))]


def _deny_sockets_in_this_thread() -> None:
    """Let `socket` fail with EACCES in this thread and those that it starts."""
    number = SOCKET_CALLS.get(platform.machine()) if sys.platform == "linux" else None
    if number is None:
        raise SocketsNotDenied(
            f"no filter of system calls is known for {sys.platform} on {platform.machine()}"
        )
    instructions = (_Instruction * 4)(
        _Instruction(LOAD_WORD, 0, 0, 0),  # the number of the system call
        _Instruction(JUMP_IF_EQUAL, 0, 1, number),
        _Instruction(RETURN, 0, 0, SECCOMP_RET_ERRNO | errno.EACCES),
        _Instruction(RETURN, 0, 0, SECCOMP_RET_ALLOW),
    )
    program = _Program(len(instructions), instructions)
    libc = ctypes.CDLL(None, use_errno=True)
    # Without new privileges, which only a set-uid program would gain, the filter needs no root.
    if libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) or libc.prctl(
        PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(program), 0, 0
    ):
        reason = os.strerror(ctypes.get_errno())
        raise SocketsNotDenied(f"the kernel refused a filter of system calls ({reason})")

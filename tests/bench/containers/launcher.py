"""Start one process as a container engine would, and replace this process by it.

Runs as root, with the Python of the machine, in new network, process and mount name spaces; the
description of the container is JSON in the first argument. The root file system is read-only, and
the process has the service's user, no capabilities and no way to gain any.
"""

import ctypes
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS = 24, 38
LAST_CAPABILITY = 40
DEVICES = ("null", "zero", "full", "random", "urandom")


def mount(*arguments: str) -> None:
    subprocess.run(["mount", *arguments], check=True)


def resolve(root: str, path: str) -> str:
    """Return where a path of the container is; its links are followed below the root only."""
    found = Path(root)
    for part in Path(path).parts[1:]:
        found = found / part
        if found.is_symlink():
            target = Path("/", found.parent.relative_to(root), found.readlink())
            found = Path(resolve(root, os.path.normpath(target)))
    return str(found)


def prepare_root(root: str, container: dict[str, Any]) -> None:
    """Mount what the container has: a read-only root, memory, its volumes, host names."""
    mount("--make-rprivate", "/")
    mount("--bind", root, root)
    mount("-t", "tmpfs", "-o", "mode=755", "dev", f"{root}/dev")
    for name in DEVICES:
        Path(root, "dev", name).touch()
        mount("--bind", f"/dev/{name}", f"{root}/dev/{name}")
    Path(root, "dev", "shm").mkdir()
    mount("-t", "tmpfs", "-o", f"mode=1777,size={container['shm_size']}", "shm", f"{root}/dev/shm")
    mount("-t", "proc", "proc", f"{root}/proc")
    for source, target in container["volumes"].items():
        mount("--bind", source, resolve(root, target))
    for entry in container["tmpfs"]:
        target, _, options = entry.partition(":")
        mount("-t", "tmpfs", "-o", options or "mode=1777", "tmpfs", resolve(root, target))
    Path(root, "etc", "hosts").touch()
    mount("--bind", container["hosts"], f"{root}/etc/hosts")
    mount("-o", "remount,bind,ro", root)


def drop_privileges(uid: int, gid: int) -> None:
    """Become the service's user, without capabilities and without a way to new privileges."""
    libc = ctypes.CDLL(None, use_errno=True)
    for capability in range(LAST_CAPABILITY + 1):
        libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)
    os.setgroups([])
    os.setgid(gid)
    os.setuid(uid)
    if libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "PR_SET_NO_NEW_PRIVS")


def main(text: str, mode: str) -> None:
    container = json.loads(text)
    if mode == "start":
        prepare_root(container["root"], container)
    os.chroot(container["root"])
    os.chdir(container["working_dir"] or "/")
    drop_privileges(*container["user"])
    os.umask(0o022)
    command = container["command"]
    os.execvpe(command[0], command, container["environment"])


if __name__ == "__main__":
    main(*sys.argv[1:])

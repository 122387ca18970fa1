"""One service of docker-compose.yml, started from its image."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import psutil

from tests.bench.containers.compose import Service, get_environment, get_list
from tests.bench.containers.network import Networks, get_namespace

LAUNCHER = Path(__file__).with_name("launcher.py")
ENTER = ("--mount", "--net", "--pid")


class Images:
    """Images in buildah's storage."""

    def __init__(self, folder: Path) -> None:
        self._command = [
            *("buildah", "--root", str(folder / "storage"), "--runroot", str(folder / "run")),
            *("--storage-driver", "vfs"),
        ]

    def run(self, *arguments: str) -> str:
        done = subprocess.run(
            [*self._command, *arguments], check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    def mount(self, image: str) -> "Image":
        """Mount an image, without a network and without running anything in it."""
        image = image.partition("@")[0]  # local base images have no published digest
        name = image if image.startswith("fer-lms") else f"docker.io/library/{image}"
        config = json.loads(self.run("inspect", "--type", "image", name))["Docker"]["config"]
        container = self.run("from", "--pull-never", name)
        return Image(image, container, Path(self.run("mount", container)), config)

    def unmount(self, image: "Image") -> None:
        self.run("umount", image.container)
        self.run("rm", image.container)


@dataclass(frozen=True)
class Image:
    name: str
    container: str
    root: Path
    config: dict[str, Any]


@dataclass
class Container:
    """A service that runs. Its files are below `folder`: volumes, host names, the log."""

    name: str
    image: Image
    service: Service
    values: dict[str, str]
    folder: Path
    networks: Networks
    process: "subprocess.Popen[bytes] | None" = None
    log: IO[bytes] | None = field(default=None, repr=False)

    def describe(self, command: list[str]) -> dict[str, Any]:
        config = self.image.config
        environment = dict(entry.split("=", 1) for entry in config.get("Env") or [])
        uid, gid = self.service["user"].split(":")
        return {
            "root": str(self.image.root),
            "command": command,
            "working_dir": config.get("WorkingDir", ""),
            "user": [int(uid), int(gid)],
            "environment": {"HOME": "/"} | environment | get_environment(self.service, self.values),
            "tmpfs": self.service.get("tmpfs", []),
            "volumes": self._create_volumes(),
            "shm_size": self.service.get("shm_size", "64m"),
            "hosts": str(self.folder / f"{self.name}.hosts"),
        }

    def _create_volumes(self) -> dict[str, str]:
        """Create named volumes with owner and mode of the image's folder, as an engine does."""
        volumes = {}
        for entry in self.service.get("volumes", []):
            name, target = entry.split(":")
            folder = self.folder / "volumes" / name
            if not folder.exists():
                stat = Path(f"{self.image.root}{target}").stat()
                folder.mkdir(parents=True)
                os.chown(folder, stat.st_uid, stat.st_gid)
                folder.chmod(stat.st_mode & 0o7777)
            volumes[str(folder)] = target
        return volumes

    def start(self) -> None:
        config = self.image.config
        command = get_list(self.service, "command", self.values) or config.get("Cmd") or []
        command = [*(config.get("Entrypoint") or []), *command]
        hosts = "\n".join(self.networks.list_hosts(self.name))
        (self.folder / f"{self.name}.hosts").write_text(f"{hosts}\n")
        self.log = (self.folder / f"{self.name}.log").open("wb")
        self.process = subprocess.Popen(
            [
                *("ip", "netns", "exec", get_namespace(self.name)),
                *("unshare", "--mount", "--pid", "--fork", "--kill-child"),
                *(sys.executable, "-I", str(LAUNCHER), json.dumps(self.describe(command)), "start"),
            ],
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=self.log,
        )

    def run(self, *command: str, timeout_s: float = 60) -> "subprocess.CompletedProcess[str]":
        """Run a command in the container, as its user, and return what it wrote."""
        return subprocess.run(
            [
                *("nsenter", "--target", str(self._find_first().pid), *ENTER),
                *(sys.executable, "-I", str(LAUNCHER)),
                *(json.dumps(self.describe(list(command))), "enter"),
            ],
            capture_output=True,
            text=True,
            check=False,
            timeout=timeout_s,
        )

    def _find_first(self) -> psutil.Process:
        """Return the first process of the container."""
        assert self.process is not None
        process = psutil.Process(self.process.pid)
        while process.name() in ("ip", "unshare"):
            [process] = process.children()
        return process

    def measure_memory_mb(self) -> float:
        """Return the memory of all processes of the container; shared pages count once."""
        first = self._find_first()
        processes = [first, *first.children(recursive=True)]
        return round(sum(process.memory_full_info().pss for process in processes) / 2**20)

    def is_healthy(self) -> bool:
        kind, *command = self.service["healthcheck"]["test"]
        assert kind == "CMD"
        try:
            return self.run(*command, timeout_s=20).returncode == 0
        except (psutil.NoSuchProcess, ValueError, subprocess.TimeoutExpired):
            return False

    def stop(self) -> int:
        """Stop the container as an engine does, and return its exit code."""
        assert self.process is not None
        if self.process.poll() is None:
            self._find_first().terminate()
        try:
            code = self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            code = self.process.wait()
        if self.log:
            self.log.close()
        return code

    def read_log(self) -> str:
        text = (self.folder / f"{self.name}.log").read_text(errors="replace")
        return text[-3000:]

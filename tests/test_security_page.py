"""docs/administrator/security.md names a test for every defence, and each of them exists."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs" / "administrator" / "security.md").read_text(encoding="utf-8")
NAMED = sorted(set(re.findall(r"`((?:tests|frontend/src)/[\w/.-]+\.(?:py|ts)(?:::\w+)?)`", PAGE)))


def test_security_page_names_tests() -> None:
    assert len(NAMED) > 30


@pytest.mark.parametrize("named", NAMED)
def test_named_tests_exist(named: str) -> None:
    path, _, function = named.partition("::")
    assert (ROOT / path).is_file()
    if function:
        assert f"def {function}(" in (ROOT / path).read_text(encoding="utf-8")


def test_every_threat_has_defence_and_test() -> None:
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for table in PAGE.split("| threat | defence | test |\n")[1:]
        for line in table.split("\n\n")[0].splitlines()[1:]
    ]
    assert len(rows) > 20
    for threat, defence, tests in rows:
        assert threat, defence
        assert defence, threat
        assert any(named in tests for named in NAMED), f"no test against: {threat}"

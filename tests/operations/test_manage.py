from tests.operations.conftest import Manage


def test_a_command_without_tables_says_what_to_do(manage: Manage) -> None:
    done = manage("lti_platform", "list")
    assert done.returncode == 1
    assert "manage.py migrate" in done.stderr
    assert "Traceback" not in done.stderr


def test_without_platforms_the_list_says_how_to_begin(manage: Manage) -> None:
    assert manage("migrate", "--verbosity=0").returncode == 0
    assert "lti_platform invite" in manage("lti_platform", "list").stdout

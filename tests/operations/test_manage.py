from tests.operations.conftest import Manage


def test_a_command_without_tables_names_migrate(manage: Manage) -> None:
    done = manage("lti_platform", "list")
    assert done.returncode == 1
    assert "manage.py migrate" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_empty_list_of_platforms_names_the_first_command(manage: Manage) -> None:
    assert manage("migrate", "--verbosity=0").returncode == 0
    assert "lti_platform invite" in manage("lti_platform", "list").stdout

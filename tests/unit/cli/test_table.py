import json
from pathlib import Path

from click.testing import CliRunner

from passerelle.cli.app import COMMANDS, root
from passerelle.cli.benches.results import write_result
from passerelle.cli.commands.bench import BENCHES


def test_help_names_every_command() -> None:
    result = CliRunner().invoke(root, ["--help"])

    assert result.exit_code == 0
    assert all(f"\n  {name} " in result.output for name in COMMANDS)


def test_every_command_and_bench_can_be_imported_and_explains_itself() -> None:
    for words in [[name] for name in COMMANDS] + [["bench", name] for name in BENCHES]:
        result = CliRunner().invoke(root, [*words, "--help"])

        assert result.exit_code == 0, words
        assert "Usage:" in result.output


def test_unknown_command_is_a_usage_error() -> None:
    result = CliRunner().invoke(root, ["plann"])

    assert result.exit_code == 2
    assert "No such command 'plann'" in result.output


def test_a_result_file_names_the_machine(tmp_path: Path) -> None:
    path = write_result("trial", {"seconds": 1.5}, folder=tmp_path)

    record = json.loads(path.read_text())
    assert record["benchmark"] == "trial"
    assert record["seconds"] == 1.5
    assert record["machine"]["cores"] >= 1

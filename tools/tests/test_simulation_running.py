"""The runner: figures do not depend on how it is run, and it says what is wrong with how it is asked."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tools.simulation.companies import judge_all
from tools.simulation.judging import Task
from tools.simulation.policies import BASELINES
from tools.simulation.report import report
from tools.simulator.figures import figures

ROOT = Path(__file__).parents[2]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tools.simulation", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_figures_do_not_depend_on_the_number_of_processes() -> None:
    tasks = [Task("mixed", 7, number, tuple(BASELINES)) for number in range(4)]
    one, two = judge_all(tasks, 1), judge_all(tasks, 2)

    assert {n: figures(t) for n, t in one.tallies.items()} == {n: figures(t) for n, t in two.tallies.items()}


def test_the_last_line_is_one_json_object_with_every_figure() -> None:
    done = run("--companies", "2", "--seed", "3", "--family", "skill", "--processes", "1")
    last = json.loads(done.stdout.splitlines()[-1])

    assert done.returncode == 0, done.stderr
    assert (last["family"], last["seed"], last["companies"]) == ("skill", 3, 2)
    assert last["simulator_team_weeks_per_second"] > 0
    assert set(BASELINES) <= set(last["policies"])
    asked = {"precision", "recall", "null_false_per_100_team_months", "ruled_out_truly_not_skill", "strong_delay_median",
             "one_sigma_corroborated_delay_median", "nudges_per_manager_week", "nudges_most_in_a_manager_week",
             "nudges_accepted", "budget_breaches", "regret", "regret_ratio"}  # fmt: skip
    assert asked <= set(last["policies"]["alert_on_threshold"])


def test_a_target_that_nothing_can_be_told_about_is_neither_reached_nor_missed() -> None:
    result = judge_all([Task("null", 7, 0, tuple(BASELINES))], 1)
    reached = report(result, {})["policies"]["alert_on_threshold"]["targets_reached"]

    assert (reached["recall"], reached["one_sigma_corroborated_delay_median"]) == (None, None)
    assert (reached["precision"], reached["budget_breaches"]) == (False, True)


def test_a_mistake_in_a_file_is_told_by_whichever_process_reads_it(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "company.json").write_text('{"name": "x", "start": "2024-01-01", "days": "soon"}')
    done = run("--read", str(tmp_path), "--processes", "2")

    assert done.returncode == 2
    assert done.stderr.startswith(f"simulation: {tmp_path}/one/company.json, days: ")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--companies", "0"], "argument --companies: 0 is not from 1 to 100000"),
        (["--companies", "many"], "argument --companies: 'many' is not a whole number"),
        (["--seed", "1.5"], "argument --seed: '1.5' is not a whole number"),
        (["--family", "happy"], "argument --family: invalid choice: 'happy'"),
        (["--policy", "magic"], "argument --policy: invalid choice: 'magic'"),
        (["--read", "nowhere"], "nowhere: neither this folder nor one in it has a company.json"),
    ],
)
def test_a_wrong_argument_is_named(arguments: list[str], said: str) -> None:
    done = run(*arguments)

    assert done.returncode == 2
    assert said in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize("seed", ["-1", "0", str(10**40)])
def test_any_whole_number_is_a_seed(seed: str) -> None:
    done = run("--companies", "1", "--seed", seed, "--policy", "alert_on_threshold", "--processes", "1")

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1])["seed"] == int(seed)


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = run("--companies", "1", "--write", str(tmp_path / "file"))

    assert done.returncode == 2
    assert done.stderr.startswith(f"simulation: {tmp_path / 'file'}/mixed-7-0: cannot be written: ")


def test_written_companies_are_judged_like_generated_ones(tmp_path: Path) -> None:
    about = ["--companies", "2", "--seed", "3"]
    assert run(*about, "--write", str(tmp_path)).returncode == 0
    from_files = json.loads(run("--read", str(tmp_path)).stdout.splitlines()[-1])
    direct = json.loads(run(*about, "--silent").stdout.splitlines()[-1])

    assert (from_files["companies"], from_files["team_weeks"]) == (2, direct["team_weeks"])
    for name in BASELINES:
        for figure in ("precision", "recall", "opened", "strong_episodes", "null_false_per_100_team_months"):
            assert from_files["policies"][name][figure] == direct["policies"][name][figure]


def test_the_simulator_never_imports_what_it_judges() -> None:
    files = sorted((ROOT / "tools" / "simulator").rglob("*.py"))
    imported = {(file.name, name.partition(".")[0], name) for file in files for name in _imports(file)}

    assert len(files) > 20
    assert not [
        (file, name) for file, top, name in imported if top in ("kinetic", "examples", "benchmarks", "importlib")
    ]
    ours = [(file, name) for file, top, name in imported if top == "tools"]
    assert ours
    assert not [(file, name) for file, name in ours if not name.startswith("tools.simulator")]


def _imports(file: Path) -> list[str]:
    found = []
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file} imports relatively"
            found.append(node.module or "")
        elif isinstance(node, ast.Name) and node.id == "__import__":
            found.append("importlib")
    return found

"""`flask --app wsgi dossier examine FILE`, through the real command line, on a machine with nothing set up."""

import json
import os
import subprocess
import sys
from copy import deepcopy
from pathlib import Path

import pytest

from tests.exchange.programme_cases import CASES, FILE, expected

ROOT = Path(__file__).resolve().parents[2]


def examine(file, folder, **environment):
    """Runs the command with an empty environment, so that nothing but the checkout can help it."""
    return subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", "dossier", "examine", str(file)],
        cwd=ROOT,
        env={"PATH": os.defpath, "HOME": str(folder), "PYTHONDONTWRITEBYTECODE": "1", **environment},
        capture_output=True,
        check=False,
    )


def lines(output):
    return output.decode("utf-8").splitlines()


def test_the_dossiers_of_the_programme_give_what_is_expected(tmp_path):
    ran = examine(FILE, tmp_path)

    wanted = [{"id": case["id"], **expected(case)} for case in CASES]
    answers = json.loads(ran.stdout)
    assert (ran.returncode, lines(ran.stderr)) == (0, [])
    assert [{key: answer[key] for key in wanted[0]} for answer in answers] == wanted


def test_one_dossier_is_answered_with_an_array_too(tmp_path):
    file = tmp_path / "one.json"
    file.write_text(json.dumps(CASES[0]), encoding="utf-8-sig")

    ran = examine(file, tmp_path, LC_ALL="C", PYTHONIOENCODING="ascii")

    assert ran.returncode == 0
    assert [answer["id"] for answer in json.loads(ran.stdout)] == ["R01"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "dossier -: cannot be read (No such file or directory), the file"),
        (b"\xff\xfe", "dossier -: cannot be read (not UTF-8), the file"),
        (b"{", "dossier -: not JSON (Expecting property name enclosed in double quotes), line 1 column 2"),
        (b'{"id": "X1", "call": "APN-2099"}', 'dossier X1: field "format" is missing, the whole dossier'),
        (
            b'[{"format": "urbact-dossier/1", "id": "X1", "call": "APN-2099", "partners": []}]',
            'dossier X1: unknown call "APN-2099", call',
        ),
    ],
)
def test_a_fault_is_one_line_on_standard_error(tmp_path, content, said):
    file = tmp_path / "dossiers.json"
    if content is not None:
        file.write_bytes(content)

    ran = examine(file, tmp_path)

    assert (ran.returncode, ran.stdout, lines(ran.stderr)) == (2, b"", [f"{file}: {said}"])


def test_one_bad_dossier_keeps_all_answers_back(tmp_path):
    cases = deepcopy(CASES)
    cases[-1]["budget_total_eur"] = 700000
    file = tmp_path / "dossiers.json"
    file.write_text(json.dumps(cases), encoding="utf-8")

    ran = examine(file, tmp_path)

    assert (ran.returncode, ran.stdout) == (2, b"")
    assert lines(ran.stderr) == [
        f"{file}: dossier {CASES[-1]['id']}: wrong type: text expected, a number found, budget_total_eur"
    ]

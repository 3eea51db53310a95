"""The notebooks of the project, executed without a person."""

import json
import re
from pathlib import Path

import nbformat
import pytest
from conftest import NAME
from nbclient import NotebookClient

FOLDER = Path(__file__).resolve().parents[2] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))

# What a long command leaves behind: "1,000 prompts · 12.3 s · 81 prompts/s". It is not there at
# all if the command was quick.
PROGRESS = re.compile(r"[\d,]+ .+ · [\d,.]+ (ms|s|min|h)\b.*")

pytestmark = pytest.mark.usefixtures("fathom")


def execute(path, folder):
    folder.mkdir()
    notebook = nbformat.read(path, as_version=4)
    options = {"resources": {"metadata": {"path": str(folder)}}, "record_timing": False}
    NotebookClient(notebook, kernel_name=NAME, timeout=120, **options).execute()
    return notebook


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def is_progress(output):
    return output.output_type == "display_data" and PROGRESS.fullmatch(
        output.data.get("text/plain", "")
    )


def lasting(notebook):
    """The outputs as text, without what tells of time."""
    return [
        json.dumps([output for output in cell.outputs if not is_progress(output)], indent=1)
        for cell in code_cells(notebook)
    ]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_gives_the_same_bytes_twice(path, tmp_path):
    first = execute(path, tmp_path / "first")
    second = execute(path, tmp_path / "second")
    for cell, one, other in zip(code_cells(first), lasting(first), lasting(second)):
        assert one == other, cell.source
    written = [
        {file.relative_to(folder): file.read_bytes() for file in folder.rglob("*") if file.is_file()}
        for folder in (tmp_path / "first", tmp_path / "second")
    ]
    assert written[0] == written[1]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_committed_executed(path):
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    assert notebook.metadata.kernelspec.name == "fathom"
    assert all(cell.execution_count for cell in code_cells(notebook))
    outputs = [output for cell in code_cells(notebook) for output in cell.outputs]
    assert not [output for output in outputs if output.output_type == "error"]
    assert any("image/svg+xml" in output.get("data", {}) for output in outputs)

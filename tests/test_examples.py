"""The notebook runs from top to bottom and shows what it promises."""

from pathlib import Path

import nbformat
from nbclient import NotebookClient

NOTEBOOK = Path(__file__).parents[1] / "examples/first_look.ipynb"


def test_the_notebook_runs_and_shows_tables_and_charts() -> None:
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    NotebookClient(notebook, timeout=300, kernel_name="python3").execute()
    shown = [
        kind for cell in notebook.cells if cell.cell_type == "code" for o in cell.outputs for kind in o.get("data", {})
    ]
    assert shown.count("image/svg+xml") == 2
    table = next(o["data"]["text/html"] for o in notebook.cells[3].outputs if "text/html" in o.get("data", {}))
    assert table.count("<tr>") == 4
    assert "interval" in table
    assert "SELECT" in notebook.cells[7 + 1].outputs[0]["text"]

"""What every connector keeps to."""

import pytest

from percorso.analytics.tables import TABLES
from percorso.errors import UserError
from percorso.sources.connector import CONNECTORS, Connector
from percorso.sources.corrections import Corrections
from percorso.sources.readers import Format


def test_connectors_are_those_that_were_asked_for():
    systems = ["call_center", "olist", "servicenow", "sfo_survey", "zendesk"]
    assert list(CONNECTORS) == sorted([*TABLES, *systems])


@pytest.mark.parametrize("key", list(CONNECTORS))
def test_connector_states_its_facts(key):
    connector = CONNECTORS[key]
    assert isinstance(connector, Connector)
    assert connector.key == key
    assert connector.label
    assert connector.about.endswith(".")
    assert issubclass(connector.Config, Format)
    assert connector.Config() is not None
    assert {"encoding", "delimiter", "sheet"} <= set(connector.Config.model_fields)
    assert type(connector).__doc__


@pytest.mark.parametrize("key", list(CONNECTORS))
def test_wrong_file_is_told_and_nothing_breaks(key, importer, tmp_path):
    (tmp_path / "orders.csv").write_text("%PDF-1.7")
    if issubclass(CONNECTORS[key].Config, Corrections):
        with pytest.raises(UserError, match="is a PDF document"):
            importer(key, tmp_path / "orders.csv")
        return
    report = importer(key, tmp_path / "orders.csv")
    (problem,) = report.problems
    assert "is a PDF document, not a table. Give a CSV, JSON" in str(problem.message)
    assert (report.state, report.records) == ("failed", 0)

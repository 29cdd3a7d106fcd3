"""Facts that come with a customer's id that is believed to be another customer by now: they go where they belong at once."""

import pyarrow as pa

from percorso.accounts.models import Workspace
from percorso.analytics.tables import Table
from percorso.customers.identity.belonging import Claim, rank_of
from percorso.customers.identity.book import FACTS, believed, known_customers
from percorso.customers.models import Identity


def as_believed(table: Table, rows: pa.Table, workspace: str) -> pa.Table:
    """Return rows with the customers that their identities are believed to be; nobody who is not known yet is looked into."""
    if table.name == "events" and _as_called(rows):
        return rows
    owner = Workspace.objects.filter(slug=workspace).first()
    if owner is None or not Identity.objects.filter(workspace=owner).exists():
        return rows
    columns = (rows["customer"].to_pylist(), rows["identity"].to_pylist())
    pairs = {(customer, identity) for customer, identity in zip(*columns, strict=True) if customer}
    known = known_customers(owner, {one for pair in pairs for one in pair if one})
    # An identity that a file names with a known customer is that customer's, also when the customer is split or merged later.
    claims = [
        Claim(customer, identity, joins=rank_of(identity) <= rank_of(customer))
        for customer, identity in sorted(pair for pair in pairs if pair[1])
        if identity != customer and customer in known and identity not in known
    ]
    if claims:
        known |= believed(owner, claims, {claim.other for claim in claims}, dict.fromkeys(claims, FACTS))
    moved = {pair: known.get(pair[1] or "", known.get(pair[0], pair[0])) for pair in pairs}
    if all(pair[0] == customer for pair, customer in moved.items()):
        return rows
    made = [moved.get(pair, pair[0]) for pair in zip(*columns, strict=True)]
    place = rows.column_names.index("customer")
    return rows.set_column(place, rows.schema.field("customer"), pa.array(made, pa.string()))


def _as_called(rows: pa.Table) -> bool:
    """Whether rows are calls of the tracking API: whose they are was looked up when they were loaded."""
    return bool(rows["batch"].null_count == rows.num_rows and rows["received_at"].null_count == 0)

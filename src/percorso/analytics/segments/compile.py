"""From a rule to the customers it holds of: one expression, each fact table read once.

Every table that the rule asks gives one row a customer with a number for each condition; the rows of all tables are
stacked, and a second grouping brings each customer's numbers together. No join is needed, and a million customers cost
two groupings.
"""

import ibis
import ibis.expr.types as ir

from percorso.analytics.indicators import INDICATORS
from percorso.analytics.methods.base import Ask
from percorso.analytics.segments.rules import (
    Answered,
    Did,
    Figure,
    Last,
    Leaf,
    Rule,
    Trait,
    Went,
    Where,
    holds_of_nobody_known,
    leaves,
    mapped,
)
from percorso.analytics.tables import TABLES
from percorso.errors import BadQuestion
from percorso.i18n import mark

DAY_US = 86_400_000_000
# Where people are known from when they have no row of their own.
KNOWN_FROM = ("answers", "tickets", "orders", "subscriptions")


def customers_in(ask: Ask, rule: Rule) -> ir.Table:
    """Return the customers of whom `rule` holds at `ask.as_of`, as a table with the one column `customer`.

    Everybody who has a row in `customers`, or in the facts that the rule asks about, is looked at; a rule that holds of
    somebody of whom nothing is known (never did …) also looks at everybody with answers, tickets, orders or subscriptions.
    What employees and partners answered does not count: a segment is of customers.

    Raises
    ------
    BadQuestion : a table, column or indicator does not exist or cannot be asked of one customer.
    """
    every = list(dict.fromkeys(leaves(rule)))
    number = {leaf: i for i, leaf in enumerate(every)}
    branches = [*_fact_branches(every, number, ask), *_figure_branches(every, number, ask)]
    branches += [_funnel_branch(leaf, number[leaf], len(every), ask) for leaf in every if isinstance(leaf, Went)]
    everybody = holds_of_nobody_known(rule)
    if everybody or any(isinstance(leaf, Trait) for leaf in every):
        branches.append(_customer_branch(every, number, ask))
    if everybody:
        branches += [_known_branch(table, len(every), ask) for table in KNOWN_FROM]
    whose = branches[0] if len(branches) == 1 else _together(branches, len(every))
    held = mapped(rule, lambda leaf: _holds(leaf, whose[f"c{number[leaf]}"], ask), ibis.literal(True))
    return whose.filter(held).select("customer")


def _together(branches: list[ir.Table], n: int) -> ir.Table:
    """Return one row a customer of tables that have one each: no two of them say something of the same condition."""
    stacked = ibis.union(*branches)
    return stacked.group_by("customer").aggregate(**{f"c{i}": stacked[f"c{i}"].max() for i in range(n)})


def _fact_branches(every: list[Leaf], number: dict[Leaf, int], ask: Ask) -> list[ir.Table]:
    """Return, of each fact table asked about, the customers with a number for each of its conditions."""
    tables: dict[str, list[Leaf]] = {}
    for leaf in every:
        if isinstance(leaf, Did | Last | Answered):
            tables.setdefault("answers" if isinstance(leaf, Answered) else leaf.table, []).append(leaf)
    return [_fact_branch(name, asked, number, len(every), ask) for name, asked in tables.items()]


def _fact_branch(name: str, asked: list[Leaf], number: dict[Leaf, int], n: int, ask: Ask) -> ir.Table:
    if name not in TABLES or name == "customers":
        raise BadQuestion(
            mark("There are no facts called {table}. Choose one of: {known}."),
            table=name,
            known=", ".join(t for t in TABLES if t != "customers"),
        )
    t = ask.table(name)
    t = _of_customers(t).filter(t.customer.notnull(), ask.known(t.at))
    conditions = {leaf: _condition(t, leaf, ask) for leaf in asked}
    if all(conditions.values()):
        t = t.filter(ibis.or_(*(ibis.and_(*found) for found in conditions.values())))
    made = {}
    for leaf in asked:
        where = ibis.and_(*_condition(t, leaf, ask)) if conditions[leaf] else None
        if isinstance(leaf, Did):
            value = t.count(where=where)
        elif isinstance(leaf, Last):
            value = ask.engine.epoch_us(t.at).max(where=where)
        else:
            value = t.score.argmax(t.at, where=where)
        made[f"c{number[leaf]}"] = value
    return _columns(t.group_by("customer").aggregate(**made), n)


def _condition(t: ir.Table, leaf: Leaf, ask: Ask) -> list[ir.BooleanValue]:
    """Return what rows of a fact table must be to count for a condition."""
    assert isinstance(leaf, Did | Last | Answered)
    found = [_matches(t, where, ask) for where in leaf.where]
    if isinstance(leaf, Answered):
        valid = (t.score >= t.scale_min) & (t.score <= t.scale_max) & (t.score % 1 == 0)
        unscaled = t.scale_min.isnull() & t.score.notnull() & ~t.score.isnan()
        found += [t.metric == leaf.metric, (valid | unscaled).fill_null(False)]
    if not isinstance(leaf, Last) and leaf.within_days is not None:
        found.append(_age_us(t.at, ask) <= int(leaf.within_days * DAY_US))
    return found


def _age_us(at: ir.TimestampValue, ask: Ask) -> ir.IntegerValue:
    return ask.engine.epoch_us(ask.instant("as_of")) - ask.engine.epoch_us(at)


def _matches(t: ir.Table, where: Where, ask: Ask) -> ir.BooleanValue:
    column = _column(t, where.column, ask)
    if where.at_least is None and where.at_most is None:
        told = [v for v in where.values if v is not None]
        inside = _text(column).isin(told).fill_null(False)
        return inside | column.isnull() if None in where.values else inside
    return _between(_number(column), where.at_least, where.at_most)


def _between(number: ir.NumericValue, low: float | None, high: float | None) -> ir.BooleanValue:
    # Unreadable numbers are NaN, which is above everything on one engine and beside everything on the other.
    found = number.notnull() & ~number.isnan() if number.type().is_floating() else number.notnull()
    if low is not None:
        found = found & (number >= low)
    if high is not None:
        found = found & (number <= high)
    return found.fill_null(False)


def _column(t: ir.Table, name: str, ask: Ask) -> ir.Column:
    if name in t.columns:
        return t[name]
    if name.startswith("properties."):
        return ask.engine.json_text(t.properties, name.removeprefix("properties."))
    raise BadQuestion(
        mark("There is no column {name} here. Use one of: {known} or properties.<key>."),
        name=name,
        known=", ".join(t.columns),
    )


def _text(column: ir.Column) -> ir.StringValue:
    if column.type().is_boolean():
        return ibis.cases((column.isnull(), ibis.null("string")), (column, "true"), else_="false")
    return column if column.type().is_string() else column.cast("string")


def _number(column: ir.Column) -> ir.NumericValue:
    return column.try_cast("float64") if column.type().is_string() else column.cast("float64")


def _customer_branch(every: list[Leaf], number: dict[Leaf, int], ask: Ask) -> ir.Table:
    """Return every customer with 1 for each trait that holds."""
    t = ask.table("customers")
    # Rows of identities that are believed to be another customer by now are nobody by themselves.
    t = t.filter(~((t.identity == t.id) & (t.customer != t.id)).fill_null(False))
    made = {f"c{number[leaf]}": ibis.ifelse(_trait(t, leaf, ask), 1, 0) for leaf in every if isinstance(leaf, Trait)}
    return _columns(t.select(customer=t.id, **made), len(every))


def _trait(t: ir.Table, trait: Trait, ask: Ask) -> ir.BooleanValue:
    known = trait.name in TABLES["customers"].names
    column = t[trait.name] if known else ask.engine.json_text(t.traits, trait.name)
    if trait.op == "empty":
        # Turned round in `_holds`: who has no row of their own has no traits either.
        return column.notnull()
    if trait.op == "is":
        return _text(column).isin([str(v) for v in trait.values]).fill_null(False)
    if trait.op == "contains":
        return _text(column).lower().contains(str(trait.values[0]).lower()).fill_null(False)
    end = float(trait.values[0])
    return _between(_number(column), *((end, None) if trait.op == "at_least" else (None, end)))


def _figure_branches(every: list[Leaf], number: dict[Leaf, int], ask: Ask) -> list[ir.Table]:
    return [_figure_branch(leaf, number[leaf], len(every), ask) for leaf in every if isinstance(leaf, Figure)]


def _figure_branch(leaf: Figure, place: int, n: int, ask: Ask) -> ir.Table:
    indicator = INDICATORS[leaf.indicator]
    own = Ask(
        ask.store, ask.workspace, ask.as_of, indicator.chosen(dict(leaf.options)), ask.confidence, ask.schedule, None
    )
    t = indicator.rows(own)
    t = t.filter(t.customer.notnull(), ask.known(t.moment))
    if leaf.within_days is not None:
        t = t.filter(_age_us(t.moment, ask) <= int(leaf.within_days * DAY_US))
    value = indicator.per_customer(t, own)
    if value is None or getattr(indicator, "population", "customer") != "customer":
        raise BadQuestion(
            mark("{indicator} is no figure of a single customer. Choose another one."), indicator=leaf.indicator
        )
    return _columns(t.group_by("customer").aggregate(**{f"c{place}": value}), n)


def _funnel_branch(leaf: Went, place: int, n: int, ask: Ask) -> ir.Table:
    # Funnels are asked of a segment's customers, so they import segments first.
    from percorso.analytics.behaviour.stopped import stopped

    t = stopped(leaf, ask)
    return _columns(t.select("customer", **{f"c{place}": t.step}), n)


def _known_branch(table: str, n: int, ask: Ask) -> ir.Table:
    t = _of_customers(ask.table(table))
    return _columns(t.filter(t.customer.notnull()).select("customer").distinct(), n)


def _of_customers(t: ir.Table) -> ir.Table:
    """Return the rows of a fact table that are of customers: answers of employees and partners are not."""
    return t.filter(t.population.fill_null("customer") == "customer") if "population" in t.columns else t


def _columns(t: ir.Table, n: int) -> ir.Table:
    """Return the customer and all n numbers; null where the table says nothing of a condition."""
    empty = ibis.null("float64")
    numbers = {f"c{i}": t[f"c{i}"].cast("float64") if f"c{i}" in t.columns else empty for i in range(n)}
    return t.select(customer=t.customer.cast("string"), **numbers)


def _holds(leaf: Leaf, number: ir.NumericValue, ask: Ask) -> ir.BooleanValue:
    if isinstance(leaf, Trait):
        return (number.fill_null(0) == 1) if leaf.op != "empty" else number.fill_null(0) != 1
    if isinstance(leaf, Did):
        return _between(number.fill_null(0), leaf.at_least, leaf.at_most)
    if isinstance(leaf, Went):
        return (number == leaf.stopped_at).fill_null(False)
    if isinstance(leaf, Last):
        days = (ask.engine.epoch_us(ask.instant("as_of")).cast("float64") - number) / DAY_US
        return _between(days, leaf.at_least_days, leaf.at_most_days)
    return _between(number, leaf.at_least, leaf.at_most)

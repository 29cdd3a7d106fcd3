"""The demo company's touchpoints: where its events come from, what they should look like, the funnels that its team keeps."""

from datetime import UTC, datetime, timedelta

from django.utils.translation import gettext

from percorso.accounts.models import Person, Workspace
from percorso.base.owner import store
from percorso.demo import Truth
from percorso.demo.visits import FEATURES
from percorso.engagement.funnels.actions import save_funnel
from percorso.engagement.funnels.forms import Asked
from percorso.engagement.steps import Row
from percorso.engagement.usage.actions import change_feature_list
from percorso.sources.arriving.plans import take_over
from percorso.sources.models import CallCount, Source
from percorso.sources.tracking.actions import make_source

DAYS = 8
# Events that a team would plan first: money depends on them.
PLANNED = ("Product Added", "Checkout Started", "Order Completed", "Feature Used")
BUYING = ("Product Viewed", "Product Added", "Checkout Started", "Order Completed")
PAYING = ("Checkout Started", "Payment Info Entered", "Order Completed")
# In the account area, and nobody has used it yet.
UNUSED = "share a blend"


def make_touchpoints(workspace: Workspace, truth: Truth, by: Person) -> None:
    """Make the source that the events of the last days came by, its tracking plan, funnels, and what counts as a feature."""
    source = make_source(workspace, gettext("Website and app"), by=by)
    _count(source, datetime.combine(truth.until, datetime.min.time(), UTC) - timedelta(days=DAYS))
    take_over(workspace, PLANNED, by=by)
    buying = Asked(tuple(Row(step) for step in BUYING), "1d", by="device")
    save_funnel(workspace, name=gettext("Buying, by device"), asked=buying, by=by)
    # Release 4.28.0 broke it for some weeks (`Truth.broken_from`).
    paying = Asked(tuple(Row(step, "channel", "web") for step in PAYING), "1h", by="customer.country")
    save_funnel(workspace, name=gettext("Paying on the website, by country"), asked=paying, by=by)
    names = [*(name for name, _ in FEATURES), UNUSED]
    change_feature_list(workspace, event="Feature Used", column="properties.feature", names=names, by=by)


def _count(source: Source, since: datetime) -> None:
    """Say of a source that it brought the events of the facts since then."""
    t = store().table("events", source.workspace.slug)
    t = t.filter(t["at"] >= since)
    hours = t.group_by(hour=t["at"].truncate("h")).aggregate(n=t.count(), last=t["at"].max()).execute()
    rows = [(row.hour.to_pydatetime().replace(tzinfo=UTC), int(row.n)) for row in hours.itertuples()]
    CallCount.objects.bulk_create([CallCount(source=source, hour=hour, count=n) for hour, n in rows])
    if rows:
        heard = hours["last"].max().to_pydatetime().replace(tzinfo=UTC)
        Source.objects.filter(pk=source.pk).update(heard_at=heard)

"""What people write into the figures' pages, and what they set up around the figures."""

from percorso.insights.models.alerts import Alarm, Finding, Watch
from percorso.insights.models.annotations import Annotation
from percorso.insights.models.boards import Board
from percorso.insights.models.goals import Benchmark, Goal
from percorso.insights.models.plans import Plan, PlanItem
from percorso.insights.models.reports import Report, ReportIssue
from percorso.insights.models.scorecards import Scorecard

__all__ = [
    "Alarm",
    "Annotation",
    "Benchmark",
    "Board",
    "Finding",
    "Goal",
    "Plan",
    "PlanItem",
    "Report",
    "ReportIssue",
    "Scorecard",
    "Watch",
]

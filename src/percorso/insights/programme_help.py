"""The help of the programme's pages: goals, benchmarks, collection plans, scorecards."""

from percorso.i18n import mark

HELP: dict[str, tuple[str, tuple[str, ...]]] = {
    "goals": (
        mark("Goals"),
        (
            mark("A goal says what an indicator shall be by when, for all customers or a segment, and who cares for it. The next due stands first."),
            mark("“On the present trend” is the chance that the figure of the 30 days up to the due day meets the target if things go on as they do. Below 25% something has to change; above 75% it is likely enough."),
            mark("A goal on an indicator that only tells the result afterwards names the leading indicators that move it: watch those week by week."),
        ),
    ),
    "goal": (
        mark("One goal"),
        (
            mark("The chart shows the series with its 95% interval, the target as a level line, and the dotted trend with its own range up to the due day."),
            mark("The chance is computed from this line: how steep it is, how exact the figures are, and how much they scatter. How it is done stands at the bottom of the page."),
            mark("With fewer than four weeks or months there is no chance told: a line through three points says nothing."),
        ),
    ),
    "goal_new": (
        mark("Setting a goal"),
        (
            mark("First choose the indicator: few that matter are better than many. Then the target in its unit, and the day by which it shall be reached."),
            mark("The baseline is where you start from; left empty it is taken from the facts. Without it no share of the way can be told."),
            mark("For an indicator that tells the result afterwards, tick the leading ones that the team works on."),
        ),
    ),
    "benchmarks": (
        mark("Benchmarks"),
        (
            mark("What others reach, as you read it somewhere, always with the source. Benchmarks stand as dashed lines in the charts of the indicator and of its goals."),
            mark("Compare with care: others may ask other questions, other people, at another time. The value is what you typed; percorso does not check it."),
        ),
    ),
    "benchmark_new": (
        mark("Adding a benchmark"),
        (mark("Who reaches the value, where you read it, and as of when. An address lets your colleagues look it up."),),
    ),
    "plans": (
        mark("Collection plans"),
        (
            mark("A plan says which experiences are measured in which segments, with which indicators, and how exact the figures shall be."),
            mark("percorso turns the precision into a number of answers, and shows how many there are and when the rest will be there."),
        ),
    ),
    "plan": (
        mark("One collection plan"),
        (
            mark("For each indicator: how many customers were asked, how many answers there are of those needed, and when the others will be there at the pace of the last four weeks."),
            mark("Raw and weighted figure stand side by side. When they differ by more than their interval, those who answer are not like all customers: trust the weighted one and ask the silent groups."),
            mark("Open an indicator to see its groups and who was not heard."),
        ),
    ),
    "plan_item": (
        mark("Who is asked, and who answers"),
        (
            mark("Each group of customers with its size, how many were asked, how many of them answered, and their figure. A group that answers less than half as often as another is marked."),
            mark("By one column the figure is weighted to the groups' sizes (post-stratification), by two to the sizes of both (raking). Weighting corrects only for these columns."),
            mark("The lists of customers who were not asked or did not answer are shown to roles that may see personal data."),
        ),
    ),
    "plan_new": (
        mark("Making a plan"),
        (mark("Give the plan a name and its days. The expected response rate says how many invitations the answers need; last quarter's is a good guess."),),
    ),
    "plan_item_new": (
        mark("Adding to a plan"),
        (
            mark("Choose the indicator, the experience it is about and the segment. Precision is how far the figure may be off, up or down."),
            mark("Few customers need fewer answers: leave their number empty to take it from the facts."),
        ),
    ),
    "plan_customers": (
        mark("Not heard"),
        (mark("Customers of the segment to whom no invitation was delivered in the days of the plan, or who did not answer one. Opening a customer is noted in the log."),),
    ),
    "calculator": (
        mark("Sample-size calculator"),
        (
            mark("How many answers a share, a net score or a mean needs for a wanted precision. Of a small number of customers fewer are enough."),
            mark("To see a difference between two groups takes more: the last line says how many in each, to find it in 8 of 10 cases."),
        ),
    ),
    "scorecards": (
        mark("Scorecards"),
        (
            mark("A scorecard looks at the whole experience through a framework of pillars. Each pillar gets a score from 0 to 100 out of answers and indicators, never out of an opinion."),
            mark("A pillar without evidence says so and has no score: find out why nobody asks about it."),
        ),
    ),
    "scorecard": (
        mark("One scorecard"),
        (
            mark("Open a pillar to see the figures that speak for it: each is put on a scale from 0 to 100 by the two values written beside it, and weighed."),
            mark("Answers whose aspect is the pillar's key are found by themselves: press “Add what the facts offer” after a new survey."),
            mark("The interval says how sure a score is. There is a mean of all pillars only when every one has evidence."),
        ),
    ),
    "scorecard_new": (
        mark("Making a scorecard"),
        (mark("Choose the framework. percorso adds the figures that usually speak for its pillars, where your facts have them; you can change all of it."),),
    ),
    "scorecard_evidence_new": (
        mark("Evidence of a pillar"),
        (
            mark("Choose a figure, if needed only where a column has some values, and say which of its values counts as 0 and which as 100. For durations 0 is the longer one."),
            mark("Left empty, the ends of the indicator's own range are taken. The weight says how much it counts beside the other evidence."),
        ),
    ),
}  # fmt: skip
HELP["goal_change"] = HELP["goal_new"]
HELP["benchmark_change"] = HELP["benchmark_new"]
HELP["plan_change"] = HELP["plan_new"]
HELP["plan_item_change"] = HELP["plan_item_new"]
HELP["scorecard_change"] = HELP["scorecard_new"]
HELP["scorecard_evidence"] = HELP["scorecard_evidence_new"]

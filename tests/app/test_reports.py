"""Reports: scheduled in the recipient's time, sent through a real SMTP conversation, kept as they were made."""

import re
import zlib
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from percorso.accounts.models import AuditEntry, Notice, Person, Workspace
from percorso.analytics.indicators import INDICATORS
from percorso.base import jobs, worker
from percorso.base.models import Job
from percorso.customers.models import Segment
from percorso.insights.boards import actions as board_actions
from percorso.insights.boards.cards import Card
from percorso.insights.models import Board, Report, ReportIssue
from percorso.insights.reports import actions, printing
from percorso.insights.reports.leaving import told_by
from percorso.insights.reports.printing import MISSING, PdfMissing, can_print, pdf_of
from percorso.insights.reports.schedule import is_due, last_slot, next_slot, period_on, ready_at
from percorso.web.settings import _mail
from tests.app.api_client import Program
from tests.app.test_boards import made, shown, with_cards
from tests.smtp import Post, post_office
from tests.web.test_pages import text

REPORTS = "/w/acme/reports/"
ANA = {"email": "ana@x.test", "language": "pt-br", "time_zone": "Europe/Rome"}
BEA = {"email": "bea@x.test", "language": "it", "time_zone": "America/Sao_Paulo"}

needs_pango = pytest.mark.skipif(not can_print(), reason="Pango is not installed")


@pytest.fixture
def post(settings: Any) -> Iterator[Post]:
    """A mail server, and this process sending by it as PERCORSO_MAIL_URL would have it."""
    with post_office() as office:
        for name, value in _mail(f"smtp://127.0.0.1:{office.port}?starttls=no").items():
            setattr(settings, name, value)
        yield office


@pytest.fixture
def board(alice: Client) -> Board:
    return made(alice)


@pytest.fixture
def report(board: Board, alice_person: Person) -> Report:
    """A weekly report on Mondays at 8 for Ana and Bea, old enough to be due."""
    made = actions.make_report(
        board, by=alice_person, name="Voice weekly", period="last_7_days", every="week", recipients=[ANA, BEA],
        attach_pdf=False,
    )  # fmt: skip
    old = (timezone.now() - timedelta(days=60)).isoformat()
    made.recipients = [r | {"since": old} for r in made.recipients]
    made.save()
    return made


def sent(**changes: Any) -> dict[str, Any]:
    """Return what the form of a report sends."""
    values: dict[str, Any] = {
        "name": "Monthly", "period": "last_month", "every": "month", "weekday": "0", "day": "1", "hour": "8",
        "attach_pdf": "on", "active": "on", "to-TOTAL_FORMS": "2", "to-INITIAL_FORMS": "2",
        "to-0-email": "Ana@X.test", "to-0-language": "pt-br", "to-0-time_zone": "Europe/Rome",
        "to-1-email": "", "to-1-language": "en", "to-1-time_zone": "UTC",
    }  # fmt: skip
    return values | changes


def run_due() -> None:
    """Carry out what waits, and what waits to be tried again."""
    Job.objects.filter(state="waiting").update(run_at=timezone.now())
    worker.run_all()


def body(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    assert part is not None
    return str(part.get_content())


def test_without_a_report_the_page_teaches_the_next_step(alice: Client) -> None:
    told = text(shown(alice, REPORTS))
    assert "Recipients need no account" in told
    assert "There is no board to send" in text(shown(alice, f"{REPORTS}new/"))


def test_a_board_is_scheduled(alice: Client, board: Board) -> None:
    page = shown(alice, f"{REPORTS}new/?board=voice")
    assert 'value="alice@acme.test"' in page
    answer = alice.post(f"{REPORTS}new/", sent(board=board.pk), follow=True)
    report = Report.objects.get()

    assert [(r["email"], r["language"]) for r in report.recipients] == [("ana@x.test", "pt-br")]
    told = text(answer.content.decode())
    assert "ana@x.test Português Europe/Rome" in told
    assert "Nothing was sent yet" in told
    assert "Monthly" in text(shown(alice, REPORTS))
    assert AuditEntry.objects.get(action="report_made").details == {"recipients": 1}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"to-0-email": ""}, "Give at least one recipient."),
        ({"to-0-email": "nobody"}, "Enter a valid email address."),
        ({"to-0-time_zone": "Moon/Base"}, "There is no time zone Moon/Base."),
        ({"to-0-language": "xx"}, "Select a valid choice."),
        ({"hour": "24"}, "Select a valid choice."),
        ({"day": "31"}, "Select a valid choice."),
        ({"name": ""}, "This field is required."),
    ],
)
def test_what_does_not_fit_is_said(alice: Client, board: Board, changes: dict[str, str], said: str) -> None:
    answer = alice.post(f"{REPORTS}new/", sent(board=board.pk) | changes)
    assert answer.status_code == 400
    assert said in text(answer.content.decode())
    assert not Report.objects.exists()


def test_more_rows_keep_what_was_typed_and_save_nothing(alice: Client, board: Board) -> None:
    answer = alice.post(f"{REPORTS}new/", sent(board=board.pk, name="Half typed", more="1"))
    html = answer.content.decode()
    assert answer.status_code == 200
    assert 'value="Half typed"' in html
    assert 'value="Ana@X.test"' in html
    assert html.count('type="email"') == 4
    assert not Report.objects.exists()


def test_a_board_that_one_may_not_see_cannot_be_sent(
    alice: Client, board: Board, as_role: Callable[[str], Client]
) -> None:
    Board.objects.update(roles=["viewer"])
    editor = as_role("editor")
    assert editor.post(f"{REPORTS}new/", sent(board=board.pk)).status_code == 400
    alice.post(f"{REPORTS}new/", sent(board=board.pk))
    report = Report.objects.get()
    assert editor.get(f"{REPORTS}{report.pk}/").status_code == 404
    assert "Monthly" not in text(shown(editor, REPORTS))


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc, arg-type]


def test_the_hour_is_that_of_the_recipient(report: Report) -> None:
    # Monday, 16 November 2026: 8:00 is 7:00 UTC in Rome and 11:00 UTC in São Paulo.
    assert last_slot(report, "Europe/Rome", at(2026, 11, 16, 7)) == (date(2026, 11, 16), at(2026, 11, 16, 7))
    assert last_slot(report, "Europe/Rome", at(2026, 11, 16, 6, 59))[0] == date(2026, 11, 9)
    assert last_slot(report, "America/Sao_Paulo", at(2026, 11, 16, 12)) == (date(2026, 11, 16), at(2026, 11, 16, 11))
    assert next_slot(report, "America/Sao_Paulo", at(2026, 11, 16, 12)) == at(2026, 11, 23, 11)
    # The clocks of Rome change on 25 October: 8:00 is 6:00 UTC before, 7:00 after.
    assert last_slot(report, "Europe/Rome", at(2026, 10, 20))[1] == at(2026, 10, 19, 6)


@pytest.mark.parametrize(
    ("every", "day", "now", "slot"),
    [
        ("month", 28, at(2026, 3, 1), date(2026, 2, 28)),
        ("month", 1, at(2026, 3, 1, 6), date(2026, 2, 1)),
        ("month", 1, at(2026, 3, 1, 7), date(2026, 3, 1)),
        ("day", 1, at(2026, 3, 1, 6), date(2026, 2, 28)),
    ],
)
def test_days_and_months(report: Report, every: str, day: int, now: datetime, slot: date) -> None:
    report.every, report.day = every, day
    assert last_slot(report, "Europe/Rome", now)[0] == slot


def test_no_issue_before_its_days_are_over_where_the_workspace_is(report: Report) -> None:
    report.every, report.period = "month", "last_month"
    # 1 December, 8:00 in Auckland is 30 November, 16:00 in São Paulo: November lasts eight more hours there.
    day, slot = last_slot(report, "Pacific/Auckland", at(2026, 11, 30, 20))
    assert (day, slot) == (date(2026, 12, 1), at(2026, 11, 30, 19))
    assert (period_on(report, day).start, period_on(report, day).end) == (date(2026, 11, 1), date(2026, 12, 1))
    assert ready_at(report, day, "Pacific/Auckland") == at(2026, 12, 1, 3)
    someone = {"time_zone": "Pacific/Auckland", "since": at(2026, 1, 1).isoformat()}
    assert is_due(report, someone, at(2026, 11, 30, 20)) is None
    assert is_due(report, someone, at(2026, 12, 1, 3)) == date(2026, 12, 1)
    report.period = "this_month"
    assert is_due(report, someone, at(2026, 11, 30, 20)) == date(2026, 12, 1)


def test_who_is_new_waits_for_the_next_issue(report: Report, alice_person: Person) -> None:
    now = timezone.now()
    old = report.recipients[0]
    actions.change_report(report, by=alice_person, recipients=[ANA, BEA | {"email": "new@x.test"}])
    assert report.recipients[0]["since"] == old["since"]
    assert is_due(report, report.recipients[0], now) is not None
    assert is_due(report, report.recipients[1], now) is None
    actions.change_report(report, by=alice_person, hour=9)
    actions.change_report(report, by=alice_person, active=False)
    actions.change_report(report, by=alice_person, active=True, recipients=[ANA])
    assert is_due(report, report.recipients[0], timezone.now()) is None, "a new schedule begins with its next time"


def test_an_issue_is_made_once_for_each_language_and_zone(report: Report) -> None:
    now = timezone.now()
    assert actions.line_up_due(now) == 2
    assert actions.line_up_due(now) == 0
    assert {issue.language for issue in ReportIssue.objects.all()} == {"pt-br", "it"}
    assert Job.objects.filter(name="send_report").count() == 2
    assert actions.line_up_due(now + timedelta(days=7)) == 2
    Report.objects.update(active=False)
    assert actions.line_up_due(now + timedelta(days=14)) == 0


def test_the_clock_lines_up_what_is_due(report: Report) -> None:
    jobs.tick([("acme", "America/Sao_Paulo")])
    from percorso.base.models import Clock

    Clock.objects.filter(name="reports_due").update(next_at=timezone.now() - timedelta(minutes=1))
    jobs.tick([("acme", "America/Sao_Paulo")])
    worker.run_all()
    assert ReportIssue.objects.count() == 2


@needs_pango
def test_a_mail_goes_through_smtp_in_the_recipients_language(report: Report, post: Post) -> None:
    Report.objects.update(attach_pdf=True)
    actions.line_up_due(timezone.now())
    run_due()

    (ana,), (bea,) = post.to("ana@x.test"), post.to("bea@x.test")
    assert str(ana["Subject"]).startswith("Voice weekly · ")
    assert ana["To"] == "ana@x.test"
    assert ana["Auto-Submitted"] == "auto-generated"
    plain, html = body(ana, "plain"), body(ana, "html")
    assert "Satisfação do cliente (CSAT)" in plain
    assert re.search(r"entre .+ e .+, 95% de certeza", plain)
    assert "Soddisfazione del cliente (CSAT)" in body(bea, "plain")
    assert "Satisfação do cliente (CSAT)" in html
    assert "<script" not in html
    assert "class=" not in html
    assert not re.search(r'(?:src|background)="http', html), "nothing is loaded from elsewhere"
    assert "Europe/Rome" in plain
    assert "America/Sao_Paulo" in plain
    pictures = {part["Content-ID"].strip("<>"): part for part in ana.walk() if part.get_content_type() == "image/png"}
    named = re.findall(r'<img[^>]* src="cid:([^"]+)" alt="([^"]+)"', html)
    assert {cid for cid, _ in named} == set(pictures)
    assert len(named) == 2
    assert all(part.get_content().startswith(b"\x89PNG") for part in pictures.values())
    (pdf,) = [part for part in ana.iter_attachments() if part.get_content_type() == "application/pdf"]
    assert pdf.get_content().startswith(b"%PDF")
    assert re.fullmatch(r"voice-weekly-\d{4}-\d\d-\d\d-\d{4}-\d\d-\d\d\.pdf", str(pdf.get_filename()))
    assert set(ReportIssue.objects.values_list("deliveries", flat=True)[0].values()) == {"sent"}


def test_a_mail_that_is_sent_again_is_known_to_be_the_same(report: Report, post: Post) -> None:
    actions.make_issue(report, [ANA], date(2026, 11, 16), by="test")
    run_due()
    ReportIssue.objects.update(deliveries={"ana@x.test": "failed: lost the answer"})
    actions.send_again(ReportIssue.objects.get(), by=Person.objects.get(email="alice@acme.test"))
    run_due()
    first, second = post.to("ana@x.test")
    assert first["Message-ID"] == second["Message-ID"]


def test_who_has_a_mail_leaves_by_its_link(report: Report, post: Post) -> None:
    actions.make_issue(report, [ANA, BEA | {"language": "pt-br"}], date(2026, 11, 16), by="test")
    run_due()
    (mail,) = post.to("ana@x.test")
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    link = str(mail["List-Unsubscribe"]).strip("<>")
    assert link in body(mail, "plain")
    path = link.removeprefix("http://127.0.0.1:8000")
    anybody = Client(SERVER_NAME="localhost", enforce_csrf_checks=True)

    told = anybody.get(path)
    assert "Shall ana@x.test receive" in text(told.content.decode())
    assert len(Report.objects.get().recipients) == 2, "looking changes nothing"
    assert anybody.post(path, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert [r["email"] for r in Report.objects.get().recipients] == ["bea@x.test"]
    assert AuditEntry.objects.get(action="report_left").by == "ana@x.test"
    assert anybody.post(path).status_code == 200, "twice is harmless"
    assert anybody.get(path[:-3] + "xx/").status_code == 403
    report.delete()
    assert anybody.get(path).status_code == 403


def test_a_long_link_to_leave_arrives_whole(report: Report, post: Post, settings: Any) -> None:
    """Folded or encoded, a mailbox provider would find no address in the header."""
    settings.PUBLIC_URL = "https://customer-experience.a-company-with-a-long-name.example.com"
    somebody = ANA | {"email": f"{'ana.conceicao.' * 4}x@{'sub.' * 20}x.test", "since": report.recipients[0]["since"]}
    Report.objects.update(recipients=[somebody])
    actions.make_issue(Report.objects.get(), [somebody], date(2026, 11, 16), by="test")
    run_due()
    (raw,) = post.raw
    (link,) = re.findall(rb"\r\nList-Unsubscribe: <(https://\S{300,})>\r\n", raw)
    assert b"\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" in raw
    assert told_by(link.decode().rstrip("/").rpartition("/")[2]) == (Report.objects.get(), somebody["email"])
    assert all(len(line) <= 998 for line in raw.split(b"\r\n"))


def test_who_left_gets_no_second_attempt(report: Report, post: Post) -> None:
    post.refuses["ana@x.test"] = "450 try later"
    actions.make_issue(report, [ANA], date(2026, 11, 16), by="test")
    run_due()
    actions.leave_report(report, "ana@x.test")
    post.refuses.clear()
    run_due()
    assert post.mails == []


def test_what_fails_is_shown_and_tried_again_for_those_alone(report: Report, post: Post, alice: Client) -> None:
    post.refuses["bea@x.test"] = "450 4.2.1 mailbox busy"
    actions.make_issue(report, [ANA, BEA | {"language": "pt-br"}], date(2026, 11, 16), by="test")
    worker.run_all()
    told = text(shown(alice, f"{REPORTS}{report.pk}/"))
    assert "sent ana@x.test" in told
    assert "failed bea@x.test" in told
    assert "450 4.2.1 mailbox busy" in told
    job = Job.objects.get(name="send_report")
    assert job.state == "waiting"
    assert job.run_at > timezone.now()

    post.refuses.clear()
    run_due()
    assert (len(post.to("ana@x.test")), len(post.to("bea@x.test"))) == (1, 1)
    assert Job.objects.get(name="send_report").state == "done"
    assert "failed" not in text(shown(alice, f"{REPORTS}{report.pk}/"))


def test_an_address_that_is_refused_is_told_to_who_made_the_report(report: Report, post: Post, alice: Client) -> None:
    post.refuses["bea@x.test"] = "550 5.1.1 no such user"
    actions.make_issue(report, [ANA, BEA | {"language": "pt-br"}], date(2026, 11, 16), by="test")
    run_due()
    assert Job.objects.get(name="send_report").state == "done"
    assert "refused bea@x.test" in text(shown(alice, f"{REPORTS}{report.pk}/"))
    notice = Notice.objects.get()
    assert (notice.params["addresses"], notice.tone) == ("bea@x.test", "bad")
    assert "did not reach bea@x.test" in text(shown(alice, "/w/acme/notices/"))

    post.refuses.clear()
    alice.post(f"{REPORTS}issues/{ReportIssue.objects.get().pk}/again/")
    run_due()
    assert (len(post.to("ana@x.test")), len(post.to("bea@x.test"))) == (1, 1)


def test_a_board_that_cannot_be_asked_says_why(report: Report, post: Post, alice: Client, members: Workspace) -> None:
    rule = {"segment": "gone"}
    segment = Segment.objects.create(workspace=members, slug="some", name="Some", rule=rule)
    Board.objects.update(segment=segment)
    report = Report.objects.get()
    actions.make_issue(report, [ANA], date(2026, 11, 16), by="test")
    run_due()
    assert "gone" in text(shown(alice, f"{REPORTS}{report.pk}/")).partition("failed")[2]
    assert post.mails == []

    Board.objects.update(segment=None)
    actions.send_again(ReportIssue.objects.get(), by=report.by)  # type: ignore[arg-type]
    run_due()
    assert len(post.mails) == 1


def test_without_a_mail_server_it_waits_and_at_last_gives_up(report: Report, settings: Any) -> None:
    for name, value in _mail("smtp://127.0.0.1:1?starttls=no").items():
        setattr(settings, name, value)
    actions.make_issue(report, [ANA], date(2026, 11, 16), by="test")
    for _ in range(6):
        run_due()
    assert Job.objects.get(name="send_report").state == "done"
    assert "ConnectionRefusedError" in ReportIssue.objects.get().deliveries["ana@x.test"]
    assert Notice.objects.count() == 1


def figures(html: str) -> str:
    """Return the part of a page that shows the cards."""
    return html.partition('<div class="board">')[2].partition('<section class="report-part"')[0]


def test_an_issue_stays_as_it_was_made(
    report: Report, post: Post, alice: Client, alice_person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    actions.make_issue(report, [BEA], date(2026, 11, 16), by="test")
    run_due()
    issue = ReportIssue.objects.get()
    path = f"{REPORTS}issues/{issue.pk}/"
    before = figures(shown(alice, path))
    assert "Soddisfazione del cliente (CSAT)" in before
    assert issue.versions["csat"] == INDICATORS["csat"].version

    board_actions.change_board(report.board, by=alice_person, name="Another name", period="last_year")
    with_cards(report.board, Card.made("text", text="Nothing else"))
    monkeypatch.setattr(type(INDICATORS["csat"]), "history", (*INDICATORS["csat"].history,) * 2)
    assert figures(shown(alice, path)) == before
    report.delete()
    assert figures(shown(alice, path)) == before


def test_a_preview_keeps_nothing(report: Report, alice: Client) -> None:
    html = shown(alice, f"{REPORTS}{report.pk}/preview/")
    assert "Satisfação do cliente (CSAT)" in text(html)
    assert "Soddisfazione del cliente (CSAT)" in text(shown(alice, f"{REPORTS}{report.pk}/preview/?language=it"))
    assert not ReportIssue.objects.exists()


@pytest.mark.parametrize(("to", "addresses"), [("me", {"alice@acme.test"}), ("all", {"ana@x.test", "bea@x.test"})])
def test_sending_now(report: Report, post: Post, alice: Client, to: str, addresses: set[str]) -> None:
    alice.post(f"{REPORTS}{report.pk}/send/", {"to": to})
    run_due()
    assert {address for address, _ in post.mails} == addresses
    actions.line_up_due(timezone.now())
    assert ReportIssue.objects.count() == len(addresses) + 2, "the schedule goes on"


def test_without_pango_the_mail_goes_without_pdf_and_says_so(
    report: Report, post: Post, alice: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing() -> None:
        raise PdfMissing(MISSING)

    monkeypatch.setattr(printing, "_weasyprint", missing)
    Report.objects.update(attach_pdf=True)
    report.refresh_from_db()
    actions.make_issue(report, [ANA | {"language": "en"}], date(2026, 11, 16), by="test")
    run_due()
    (mail,) = post.to("ana@x.test")
    assert not [part for part in mail.walk() if part.get_content_type() == "application/pdf"]
    assert "apt-get install libpango-1.0-0" in body(mail, "plain")
    assert "apt-get install libpango-1.0-0" in body(mail, "html")
    assert "apt-get install libpango-1.0-0" in text(shown(alice, f"{REPORTS}{report.pk}/"))
    assert alice.get(f"{REPORTS}{report.pk}/pdf/").status_code == 503


def unpacked(stream: bytes) -> bytes:
    """Return what a stream of a PDF holds."""
    try:
        return zlib.decompress(stream)
    except zlib.error:
        return b""


@needs_pango
def test_the_pdf_is_made_of_what_the_issue_holds(report: Report, post: Post, bob: Client) -> None:
    actions.make_issue(report, [ANA], date(2026, 11, 16), by="test")
    run_due()
    issue = ReportIssue.objects.get()
    answer = bob.get(f"{REPORTS}issues/{issue.pk}/pdf/")
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"].endswith('.pdf"')
    assert answer.content.startswith(b"%PDF")
    parts = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf_of(issue), re.S)
    assert any(b"Inter" in unpacked(part) for part in parts), "with the font that the pages have"
    assert AuditEntry.objects.filter(action="downloaded").exists()


@needs_pango
@pytest.mark.parametrize(
    "address",
    [
        "http://example.com/x.png",
        "https://example.com/",
        "file:///etc/passwd",
        "ftp://example.com/",
        "data:text/plain,x",
    ],
)
def test_a_pdf_reads_nothing_but_our_files(address: str) -> None:
    fetcher = printing._fetcher(printing._weasyprint())
    with pytest.raises(ValueError, match="reads no"):
        fetcher.fetch(address)


def test_names_of_customers_are_not_for_everybody(
    board: Board, alice_person: Person, as_role: Callable[[str], Client], alice: Client
) -> None:
    with_cards(board, Card.made("breakdown", indicators=("csat",), by="customer"))
    report = actions.make_report(board, by=alice_person, name="Who", period="last_90_days", recipients=[ANA])
    program = Program(report.workspace, alice_person, personal=False)
    told = program.post(f"/reports/{report.pk}/issues", {}).json()
    assert "rows" not in told["cards"][0]
    issue = ReportIssue.objects.get()
    assert re.search(r">\s*c\d+", shown(alice, f"{REPORTS}issues/{issue.pk}/"))
    assert not re.search(r">\s*c\d+", shown(as_role("analyst"), f"{REPORTS}issues/{issue.pk}/"))


@needs_pango
def test_mails_name_customers_only_to_members_whose_role_shows_them(
    board: Board, post: Post, alice_person: Person, members: Workspace, as_role: Callable[[str], Client]
) -> None:
    with_cards(
        board, Card.made("breakdown", indicators=("csat",), by="customer"), Card.made("figure", indicators=("csat",))
    )
    as_role("analyst")
    analyst = members.memberships.get(role="analyst").person
    english = {"language": "en", "time_zone": "UTC"}
    to = [{"email": email} | english for email in (alice_person.email, analyst.email, "press@x.test")]
    report = actions.make_report(board, by=alice_person, name="Who", period="last_90_days", recipients=to)
    actions.send_now(report, report.recipients, by=alice_person)
    run_due()

    name = re.compile(r"(?<![\w#])c\d+\b")
    (own,) = post.to(alice_person.email)
    assert name.search(body(own, "plain"))
    for email in (analyst.email, "press@x.test"):
        (mail,) = post.to(email)
        for kind in ("plain", "html"):
            assert not name.search(body(mail, kind)), (email, kind)
            assert "only sent to members whose role shows personal data" in " ".join(body(mail, kind).split())
        assert body(mail, "plain").count("Customer Satisfaction Score") >= 2, (
            "the title of the one card, and the other card"
        )
        (pdf,) = [part for part in mail.iter_attachments() if part.get_content_type() == "application/pdf"]
        (whole,) = [part for part in own.iter_attachments() if part.get_content_type() == "application/pdf"]
        assert len(pdf.get_content()) < len(whole.get_content()) - 1000, "without the rows of customers"
    assert name.search(str(ReportIssue.objects.get().content)), "the kept issue is whole"


def test_programs_make_issues_of_any_days(report: Report, alice_person: Person, members: Workspace) -> None:
    program = Program(members, alice_person)
    asked = {"from": "2026-01-01", "to": "2026-01-31", "language": "it"}
    answer = program.post(f"/reports/{report.pk}/issues", asked)
    told = answer.json()
    assert answer.status_code == 201
    assert (told["from"], told["to"], told["versions"]["csat"]) == ("2026-01-01", "2026-01-31", 1)
    assert "Soddisfazione del cliente (CSAT)" in [card["title"] for card in told["cards"]]
    assert ReportIssue.objects.get().deliveries == {}
    assert [r["recipients"] for r in program.get("/reports").json()["items"]] == [2]
    for wrong in (
        {"from": "2026-01-01"},
        {"from": "2026-02-01", "to": "2026-01-01"},
        {"from": "0001-01-01", "to": "9999-01-01"},
    ):
        assert program.post(f"/reports/{report.pk}/issues", wrong).status_code == 400
    assert program.post("/reports/99999/issues", {}).status_code == 404


def test_pages_ask_the_database_the_same_however_many_rows(
    report: Report, alice: Client, alice_person: Person, django_assert_num_queries: Any
) -> None:
    shown(alice, REPORTS)
    for count in (1, 3):
        while Report.objects.count() < count:
            actions.make_report(report.board, by=alice_person, name="More", period="last_7_days", recipients=[ANA])
        with django_assert_num_queries(6):
            assert shown(alice, REPORTS).count("<tr><th scope") == count + 1
    for count in (1, 3):
        while ReportIssue.objects.count() < count:
            actions.make_issue(report, [ANA], date(2026, 11, 16), by="test")
        with django_assert_num_queries(8):
            shown(alice, f"{REPORTS}{report.pk}/")

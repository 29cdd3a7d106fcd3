"""Who may open which address, as decided: a change of the code that changes this is seen in a review."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

from percorso.accounts.actions import invite, make_key
from percorso.accounts.models import Membership, Notice, Person, Role, Workspace
from percorso.base.models import Job
from percorso.customers.models import Company, ErasureReceipt, IdentityClaim, IdentityDecision, Persona, Segment
from percorso.engagement.models import SavedFunnel
from percorso.insights.models import (
    Alarm,
    Annotation,
    Benchmark,
    Board,
    Goal,
    Plan,
    Report,
    ReportIssue,
    Scorecard,
    Watch,
)
from percorso.outreach.models import Delivery, Suppression, Webhook
from percorso.sources.models import Import, RefusedCall, Source, WebhookSource
from percorso.surveys.models import Distribution, Response, Trigger
from percorso.surveys.tokens import token_of
from tests.app.respondents import invite_one, open_survey

EXPECTED: dict[str, str | None] = {
    "start": "public",
    "accept_invitation": "public",
    "demo": "public",
    "me": "signed in",
    "session_end": "signed in",
    "workspace_new": "signed in",
    "settings": "see",
    "settings_change": "manage",
    "settings_people": "manage",
    "settings_invite": "manage",
    "settings_role": "manage",
    "settings_remove": "manage",
    "settings_withdraw": "manage",
    "settings_keys": "manage",
    "settings_key_make": "manage",
    "settings_key_revoke": "manage",
    "settings_audit": "manage",
    "settings_audit_csv": "manage",
    "settings_data": "manage",
    "help": "signed in",
    "components": "signed in",
    "find": "see",
    "notices": "see",
    "notices_read": "see",
    "notice_open": "see",
    "jobs": "edit",
    "job_progress": "edit",
    "job_stop": "edit",
    "job_repeat": "edit",
    "customers": "personal",
    "customer": "personal",
    "customer_consent": "edit",
    **dict.fromkeys(("customer_counts", "customer_identities", "identities", "identities_decided"), "personal"),
    **dict.fromkeys(("customer_merge", "customer_split", "customer_split_preview", "identities_decide"), "edit"),
    **dict.fromkeys(("identity_undo", "identity_claim", "company_place"), "edit"),
    **dict.fromkeys(("identities_rules", "identities_replay"), "manage"),
    **dict.fromkeys(("companies", "company", "company_figures"), "personal"),
    **dict.fromkeys(("customer_privacy", "customer_copy", "customer_copy_file", "customer_read"), "personal"),
    **dict.fromkeys(
        ("customer_erase", "privacy", "privacy_find", "privacy_erase", "privacy_copy", "privacy_lift"), "manage"
    ),
    **dict.fromkeys(("privacy_receipt", "privacy_receipt_json"), "manage"),
    "privacy_schema": "see",
    **dict.fromkeys(("unsubscribe", "preferences"), "public"),
    **dict.fromkeys(("contact_policy", "contact_policy_refusals", "contact_policy_suppressions"), "edit"),
    **dict.fromkeys(("contact_policy_suppress", "contact_policy_file", "contact_policy_lift"), "edit"),
    "contact_policy_change": "manage",
    **dict.fromkeys(("segments", "segment", "segment_figures", "personas", "persona"), "see"),
    **dict.fromkeys(("segment_new", "segment_change", "segment_count", "segment_copy", "segment_remove"), "analyse"),
    **dict.fromkeys(("persona_new", "persona_change", "persona_remove"), "analyse"),
    "settings_channels": "manage",
    "settings_channel": "manage",
    **dict.fromkeys(("settings_channel_save", "settings_channel_switch", "settings_channel_secret"), "manage"),
    "settings_channel_try": "manage",
    "channel_returns": "public",
    "settings_webhooks": "manage",
    "settings_webhook_make": "manage",
    "settings_webhook": "manage",
    "settings_webhook_change": "manage",
    "settings_webhook_switch": "manage",
    "settings_webhook_secret": "manage",
    "settings_webhook_try": "manage",
    "settings_webhook_remove": "manage",
    "settings_webhook_replay": "manage",
    **dict.fromkeys(("event_sources", "event_source_new", "event_source", "event_source_revoke"), "edit"),
    **dict.fromkeys(("refused", "refused_call", "refused_replay", "refused_remove"), "edit"),
    **dict.fromkeys(("arriving", "arriving_events", "arriving_event", "arriving_plan"), "see"),
    **dict.fromkeys(("arriving_plan_event", "arriving_plan_remove", "arriving_plan_seen"), "edit"),
    **dict.fromkeys(("webhook_sources", "webhook_source_new", "webhook_source"), "edit"),
    **dict.fromkeys(("webhook_source_remove", "webhook_source_replay"), "edit"),
    "webhook_call": "public",
    "imports": "edit",
    "import_new": "edit",
    "import": "edit",
    "import_mapping": "edit",
    "import_format": "edit",
    "import_again": "edit",
    "import_stop": "edit",
    "import_undo": "edit",
    "import_discard": "edit",
    "import_rejected": "edit",
    "home": "signed in",
    "overview": "see",
    "overview_choose": "analyse",
    "indicators": "see",
    "indicator": "see",
    "indicator_definition": "see",
    "facts_behind": "personal",
    "download": "analyse",
    "indicators_annotate": "analyse",
    "indicators_annotation": "analyse",
    "indicators_annotation_remove": "analyse",
    "boards": "see",
    "board": "see",
    "boards_wall": "see",
    **dict.fromkeys(("boards_new", "boards_edit", "boards_settings", "boards_copy", "boards_remove"), "analyse"),
    **dict.fromkeys(("boards_arrange", "boards_add", "boards_card", "boards_move"), "analyse"),
    **dict.fromkeys(("boards_card_remove", "boards_download"), "analyse"),
    **dict.fromkeys(("boards_reports", "boards_report_new", "boards_report", "boards_report_change"), "edit"),
    **dict.fromkeys(("boards_report_preview", "boards_report_pdf", "boards_report_send"), "edit"),
    **dict.fromkeys(("boards_report_remove", "boards_issue_again"), "edit"),
    "boards_issue": "see",
    "boards_issue_pdf": "see",
    "boards_report_leave": "public",
    **dict.fromkeys(
        ("goals", "goal", "benchmarks", "plans", "plan", "plan_item", "calculator", "scorecards", "scorecard"), "see"
    ),
    **dict.fromkeys(
        ("goal_new", "goal_change", "goal_remove", "benchmark_new", "benchmark_change", "benchmark_remove"), "analyse"
    ),
    **dict.fromkeys(
        ("plan_new", "plan_change", "plan_remove", "plan_item_new", "plan_item_change", "plan_item_remove"), "analyse"
    ),
    "plan_customers": "personal",
    **dict.fromkeys(("scorecard_new", "scorecard_change", "scorecard_remove", "scorecard_propose"), "analyse"),
    **dict.fromkeys(("scorecard_evidence_new", "scorecard_evidence", "scorecard_evidence_remove"), "analyse"),
    **dict.fromkeys(("alerts", "alerts_alarm", "alerts_watches"), "see"),
    **dict.fromkeys(("alerts_start", "alerts_alarm_snooze", "alerts_alarm_close", "alerts_watch_new"), "analyse"),
    **dict.fromkeys(("alerts_watch", "alerts_watch_switch", "alerts_watch_snooze", "alerts_watch_remove"), "analyse"),
    **dict.fromkeys(("alerts_preview", "alerts_preview_stop"), "analyse"),
    **dict.fromkeys(("value", "value_staying", "value_forecast", "value_loop"), "see"),
    "value_customers": "personal",
    **dict.fromkeys(("usage", "usage_features", "speed"), "see"),
    **dict.fromkeys(("usage_file", "usage_features_file", "speed_file"), "analyse"),
    "usage_features_choose": "edit",
    "value_forecast_start": "analyse",
    "value_loop_file": "analyse",
    **dict.fromkeys(("funnels", "retention"), "see"),
    "flows": "see",
    "flows_file": "analyse",
    **dict.fromkeys(("funnels_file", "funnels_segment", "retention_file", "retention_segment"), "analyse"),
    **dict.fromkeys(("funnels_save", "funnels_remove"), "edit"),
    **dict.fromkeys(("survey", "surveys"), "see"),
    **dict.fromkeys(("survey_import", "survey_import_look", "survey_definition"), "edit"),
    **dict.fromkeys(("survey_new", "survey_edit", "survey_preview", "survey_publish", "survey_translate"), "edit"),
    **dict.fromkeys(("survey_settings", "survey_state", "survey_copy", "survey_remove"), "edit"),
    **dict.fromkeys(("survey_answers", "survey_answer"), "personal"),
    **dict.fromkeys(("survey_mark", "survey_answer_change"), "edit"),
    **dict.fromkeys(("survey_export", "survey_export_file"), "analyse"),
    **dict.fromkeys(("survey_send", "survey_send_count", "survey_send_letter", "survey_send_stop"), "edit"),
    **dict.fromkeys(("survey_rule_new", "survey_rule_switch", "survey_rule_remove"), "edit"),
    "survey_invitations": "personal",
    **dict.fromkeys(("survey_invitation_again", "survey_invitation_cancel"), "edit"),
    **dict.fromkeys(("survey_open", "survey_personal", "survey_response", "survey_decoy", "survey_look"), "public"),
    **dict.fromkeys(("survey_share", "survey_share_code", "survey_share_poster", "survey_share_preview"), "edit"),
    "survey_share_secret": "manage",
    **dict.fromkeys(("widget_script", "survey_widget", "browser_script"), "public"),
    **dict.fromkeys(("survey_kiosk", "survey_kiosk_answers", "survey_kiosk_worker"), "public"),
    "health_live": "public",
    "health_ready": "public",
    "metrics": "public",
}

# Addresses of allauth and Django: signing in, and what somebody does with their own account.
ALLAUTH = (
    "set_language", "account_login", "account_logout", "account_inactive", "account_signup", "account_reauthenticate", "account_email", "account_email_verification_sent", "account_change_password", "account_set_password", "account_reset_password", "account_confirm_login_code", "account_confirm_email", "account_reset_password_from_key_done", "account_reset_password_from_key", "account_reset_password_done", "mfa_index", "mfa_authenticate", "mfa_reauthenticate", "mfa_activate_totp", "mfa_deactivate_totp", "mfa_view_recovery_codes", "mfa_generate_recovery_codes", "mfa_download_recovery_codes", "socialaccount_login_cancelled", "socialaccount_login_error", "socialaccount_signup", "socialaccount_connections", "openid_connect_login", "openid_connect_callback", "usersessions_list",
)  # fmt: skip


def _owner(workspace: Workspace) -> Person:
    return Membership.objects.get(workspace=workspace, role=Role.OWNER).person


def _member(workspace: Workspace) -> dict[str, Any]:
    return {"pk": workspace.memberships.exclude(role=Role.OWNER).get().pk}


def _invitation(workspace: Workspace) -> dict[str, Any]:
    return {"pk": invite(workspace, "new@acme.test", Role.VIEWER, by=_owner(workspace))[0].pk}


def _key(workspace: Workspace) -> dict[str, Any]:
    return {"pk": make_key(workspace, "key", "read", by=_owner(workspace))[0].pk}


def _notice(workspace: Workspace) -> dict[str, Any]:
    return {"pk": Notice.objects.create(person=_owner(workspace), workspace=workspace, template="Told").pk}


def _job(workspace: Workspace) -> dict[str, Any]:
    return {"pk": Job.objects.create(name="import_files", workspace=workspace.slug, run_at=datetime.now(UTC)).pk}


def _copied(workspace: Workspace) -> dict[str, Any]:
    arguments = {"customer": "c1", "language": "en"}
    made = Job.objects.create(
        name="export_person", workspace=workspace.slug, run_at=datetime.now(UTC), arguments=arguments
    )
    return {"id": "c1", "job": made.pk}


def _receipt(workspace: Workspace) -> dict[str, Any]:
    return {"pk": ErasureReceipt.objects.create(workspace=workspace, by="Alice").pk}


def _import(workspace: Workspace) -> dict[str, Any]:
    return {"pk": Import.objects.create(workspace=workspace, connector="answers", state=Import.State.DONE).pk}


def _source(workspace: Workspace) -> dict[str, Any]:
    return {"pk": Source.objects.create(workspace=workspace, name="Shop", key="k" * 32).pk}


def _refused(workspace: Workspace) -> dict[str, Any]:
    source = Source.objects.get(pk=_source(workspace)["pk"])
    return {"pk": RefusedCall.objects.create(source=source, reason="no_event", kind="track", body="{}").pk}


def _webhook_source(workspace: Workspace) -> dict[str, Any]:
    made = WebhookSource.objects.create(workspace=workspace, name="Shop", kind="shopify", key="h" * 24)
    made.deliveries.create(delivery="d1", body="{}", state="failed")
    return {"pk": made.pk, "key": made.key}


def _webhook(workspace: Workspace) -> dict[str, Any]:
    return {"pk": Webhook.objects.create(workspace=workspace, url="https://example.com/", secret="whsec_AAAA").pk}


def _suppression(workspace: Workspace) -> dict[str, Any]:
    return {"pk": Suppression.objects.create(workspace=workspace, address="ana@x.test", because="by_hand").pk}


def _delivery(workspace: Workspace) -> dict[str, Any]:
    webhook = Webhook.objects.get(pk=_webhook(workspace)["pk"])
    return {"pk": Delivery.objects.create(webhook=webhook, event="msg_1", kind="import.finished", body="{}").pk}


def _annotation(workspace: Workspace) -> dict[str, Any]:
    note = Annotation.objects.create(workspace=workspace, day=date(2026, 1, 5), text="New carrier", indicator="nps")
    return {"key": "nps", "pk": note.pk}


def _indicator(workspace: Workspace) -> dict[str, Any]:
    return {"key": "nps", "form": "csv"}


def _board(workspace: Workspace) -> dict[str, Any]:
    cards = [{"id": "one", "kind": "figure", "width": 1, "indicators": ["csat"]}]
    Board.objects.get_or_create(workspace=workspace, slug="service", defaults={"name": "Service", "cards": cards})
    return {"board": "service", "card": "one", "form": "csv"}


def _report(workspace: Workspace) -> dict[str, Any]:
    _board(workspace)
    board = Board.objects.get(workspace=workspace, slug="service")
    to = [{"email": "dora@acme.test", "language": "en", "time_zone": "Europe/Rome"}]
    return {"pk": Report.objects.create(workspace=workspace, board=board, name="Service", recipients=to).pk}


def _issue(workspace: Workspace) -> dict[str, Any]:
    content = {"cards": [], "days": "Jan 5, 2026", "before_days": "", "compared": "", "segment": "", "link": ""}
    content |= {"board": "Service", "workspace": "Acme", "about": "", "time_zone": "Europe/Rome"}
    day = date(2026, 1, 5)
    made = ReportIssue.objects.create(
        workspace=workspace, report_id=_report(workspace)["pk"], name="Service", first_day=day, last_day=day,
        time_zone="Europe/Rome", content=content,
    )  # fmt: skip
    return {"pk": made.pk}


def _goal(workspace: Workspace) -> dict[str, Any]:
    goal = {"indicator": "nps", "target": 45, "starts": date(2026, 1, 1), "due": date(2030, 12, 31)}
    return {"pk": Goal.objects.create(workspace=workspace, **goal).pk}


def _benchmark(workspace: Workspace) -> dict[str, Any]:
    found = {"indicator": "nps", "name": "Others", "value": 50, "source": "Report"}
    return {"pk": Benchmark.objects.create(workspace=workspace, **found).pk}


def _plan(workspace: Workspace) -> dict[str, Any]:
    made = Plan.objects.create(workspace=workspace, name="Spring", starts=date(2026, 1, 1), ends=date(2026, 6, 30))
    return {"pk": made.pk, "item": made.items.create(indicator="csat", precision=0.05).pk}


def _scorecard(workspace: Workspace) -> dict[str, Any]:
    ends = {"bad": 0, "good": 1, "weight": 1}
    evidence = {"id": "e1", "pillar": "effort", "indicator": "csat", "options": {}, "filter": {}} | ends
    made = Scorecard.objects.create(workspace=workspace, framework="three_pillars", name="Pillars", evidence=[evidence])
    return {"pk": made.pk, "pillar": "effort", "id": "e1"}


def _watch(workspace: Workspace) -> dict[str, Any]:
    return {"pk": Watch.objects.create(workspace=workspace, name="Changes", alert="change").pk}


def _alarm(workspace: Workspace) -> dict[str, Any]:
    made = Alarm.objects.create(workspace=workspace, day=date(2026, 1, 5))
    made.findings.create(
        watch_id=_watch(workspace)["pk"], indicator="nps", day=date(2026, 1, 5), direction="down",
        template="{indicator}: {value} on {at}, where {expected} was to be expected.",
        params={"indicator": "nps", "value": 10.0, "expected": 30.0, "at": "2026-01-05"},
    )  # fmt: skip
    return {"pk": made.pk}


# The ids that an address takes, of things that exist in the workspace.
def _decision(workspace: Workspace) -> IdentityDecision:
    return IdentityDecision.objects.create(workspace=workspace, one="c1", other="c2", by="test")


def _company(workspace: Workspace) -> Company:
    return Company.objects.get_or_create(workspace=workspace, key="acme-brasil")[0]


def _segment(workspace: Workspace) -> dict[str, Any]:
    Segment.objects.get_or_create(workspace=workspace, slug="brazil", defaults={"name": "Brazil", "rule": {}})
    return {"segment": "brazil"}


def _persona(workspace: Workspace) -> dict[str, Any]:
    _segment(workspace)
    segment = Segment.objects.get(workspace=workspace, slug="brazil")
    return {"pk": Persona.objects.create(workspace=workspace, segment=segment, name="Marina").pk}


def _asked(workspace: Workspace) -> dict[str, Any]:
    survey = workspace.surveys.filter(slug="nps").first() or open_survey(workspace)
    now = datetime.now(UTC)
    given = {"version": survey.live, "page": "score", "started_at": now, "changed_at": now, "language": "en"}
    response = Response.objects.create(survey=survey, **given)
    return {"key": survey.key, "token": token_of(invite_one(survey)), "response": response.key}


def _invited(workspace: Workspace) -> dict[str, Any]:
    survey = workspace.surveys.filter(slug="nps").first() or open_survey(workspace)
    now = datetime.now(UTC)
    sending = {"channel": "email", "audience": {"segment": None}, "send_at": now}
    made: dict[str, Any] = {
        "survey_send_stop": Distribution.objects.create(survey=survey, **sending),
        "survey_rule": Trigger.objects.create(survey=survey, event="delivered", channel="email", looked_until=now),
        "survey_invitation": invite_one(survey),
    }
    return {"survey": survey.slug} | made


def _sent(what: str) -> Callable[[Workspace], dict[str, Any]]:
    """Return the values of an address about one thing that `_invited` makes."""

    def values(workspace: Workspace) -> dict[str, Any]:
        made = _invited(workspace)
        return {"survey": made["survey"], "pk": made[what].pk}

    return values


def _answered(workspace: Workspace) -> dict[str, Any]:
    response = Response.objects.get(key=_asked(workspace)["response"])
    job = Job.objects.create(
        name="export_answers",
        workspace=workspace.slug,
        arguments={"survey": response.survey_id, "form": "csv"},
        run_at=datetime.now(UTC),
    )
    return {"survey": response.survey.slug, "key": response.key, "job": job.pk}


def _survey(workspace: Workspace) -> dict[str, Any]:
    return {"survey": open_survey(workspace).slug}


OBJECTS: dict[str, Callable[[Workspace], dict[str, Any]]] = {
    "settings_role": _member,
    "settings_remove": _member,
    "settings_withdraw": _invitation,
    "settings_key_revoke": _key,
    "notice_open": _notice,
    **dict.fromkeys(("job_progress", "job_stop", "job_repeat", "alerts_preview", "alerts_preview_stop"), _job),
    **dict.fromkeys(("customer", "customer_consent"), lambda workspace: {"id": "c1"}),
    **dict.fromkeys(("customer_counts", "customer_identities", "customer_merge"), lambda workspace: {"id": "c1"}),
    **dict.fromkeys(("customer_split", "customer_split_preview"), lambda workspace: {"id": "c1"}),
    "identity_undo": lambda workspace: {"pk": _decision(workspace).pk},
    "identity_claim": lambda workspace: {
        "pk": IdentityClaim.objects.create(workspace=workspace, one="c1", other="card:7").pk
    },
    **dict.fromkeys(
        ("company", "company_figures", "company_place"), lambda workspace: {"key": _company(workspace).key}
    ),
    **dict.fromkeys(
        ("customer_privacy", "customer_copy", "customer_copy_file", "customer_read", "customer_erase"), _copied
    ),
    **dict.fromkeys(("privacy_receipt", "privacy_receipt_json"), _receipt),
    **dict.fromkeys(("unsubscribe", "preferences"), lambda workspace: {"token": "nothing"}),
    "contact_policy_lift": _suppression,
    **dict.fromkeys(("event_source", "event_source_revoke"), _source),
    "refused_call": _refused,
    **{name: _segment for name in EXPECTED if name.startswith("segment")},
    **{name: _persona for name in EXPECTED if name.startswith("persona")},
    **{name: lambda workspace: {"channel": "sms"} for name in EXPECTED if name.startswith("settings_channel")},
    "channel_returns": lambda workspace: {"channel": "sms"},
    **{name: _webhook for name in EXPECTED if name.startswith("settings_webhook_")},
    "settings_webhook": _webhook,
    "settings_webhook_replay": _delivery,
    **{
        name: _webhook_source
        for name in EXPECTED
        if name.startswith("webhook_source_") and name != "webhook_source_new"
    },
    **dict.fromkeys(("webhook_source", "webhook_call"), _webhook_source),
    **{name: _import for name in EXPECTED if name.startswith("import")},
    **dict.fromkeys(
        ("indicator", "indicator_definition", "facts_behind", "download", "indicators_annotate"), _indicator
    ),
    **dict.fromkeys(("indicators_annotation", "indicators_annotation_remove"), _annotation),
    **{name: _board for name in EXPECTED if name == "board" or name.startswith("boards_")},
    **{name: _report for name in EXPECTED if name.startswith("boards_report") and name != "boards_reports"},
    **{name: _issue for name in EXPECTED if name.startswith("boards_issue")},
    "boards_report_leave": lambda workspace: {"token": "nothing"},
    **{name: _goal for name in EXPECTED if name.startswith("goal")},
    **{name: _benchmark for name in EXPECTED if name.startswith("benchmark")},
    **{name: _plan for name in EXPECTED if name.startswith("plan")},
    **{name: _scorecard for name in EXPECTED if name.startswith("scorecard")},
    **{name: _watch for name in EXPECTED if name.startswith("alerts_watch_") and name != "alerts_watch_new"},
    "alerts_watch": _watch,
    **{name: _alarm for name in EXPECTED if name.startswith("alerts_alarm")},
    "value_customers": lambda workspace: {"segment": "champions"},
    "usage_file": lambda workspace: {"table": "lifecycle", "form": "csv"},
    "usage_features_file": lambda workspace: {"table": "features", "form": "csv"},
    "speed_file": lambda workspace: {"table": "vitals", "form": "csv"},
    "funnels_remove": lambda workspace: {"pk": SavedFunnel.objects.create(workspace=workspace, name="Cart").pk},
    "flows_file": lambda workspace: {"table": "transitions", "form": "csv"},
    "funnels_file": lambda workspace: {"table": "steps", "form": "csv"},
    "retention_file": lambda workspace: {"form": "csv"},
    **dict.fromkeys(("survey_open", "survey_personal", "survey_response", "survey_decoy", "survey_look"), _asked),
    **dict.fromkeys(("survey", "survey_answers", "survey_answer", "survey_mark", "survey_answer_change"), _answered),
    **dict.fromkeys(("survey_export", "survey_export_file"), _answered),
    **dict.fromkeys(("survey_send", "survey_send_count", "survey_send_letter", "survey_rule_new"), _invited),
    **dict.fromkeys(("survey_rule_switch", "survey_rule_remove"), _sent("survey_rule")),
    **dict.fromkeys(("survey_invitation_again", "survey_invitation_cancel"), _sent("survey_invitation")),
    "survey_send_stop": _sent("survey_send_stop"),
    "survey_invitations": _invited,
    **dict.fromkeys(("survey_edit", "survey_preview", "survey_publish", "survey_translate"), _survey),
    **dict.fromkeys(("survey_settings", "survey_state", "survey_copy", "survey_remove"), _survey),
    **dict.fromkeys(("survey_share", "survey_share_poster", "survey_share_preview", "survey_share_secret"), _survey),
    "survey_import_look": lambda workspace: {"upload": "nothing"},
    "survey_definition": lambda workspace: {**_survey(workspace), "form": "percorso"},
    "survey_share_code": lambda workspace: {**_survey(workspace), "form": "svg"},
    **dict.fromkeys(("survey_widget", "survey_kiosk", "survey_kiosk_answers", "survey_kiosk_worker"), _asked),
    "start": lambda workspace: {"token": "nothing"},
    "accept_invitation": lambda workspace: {"token": "nothing"},
    "session_end": lambda workspace: {"pk": 1},
}

# What the key of a program must allow for each operation of the REST interface.
OPERATIONS = {
    **dict.fromkeys(("analyse_rfm", "analyse_retention", "analyse_lifetime_value", "analyse_closed_loop"), "read"),
    "analyse_sample_size": "read",
    **dict.fromkeys(("ask_frequency", "ask_features", "ask_speed_impact", "ask_errors"), "read"),
    **dict.fromkeys(("ask_funnel", "ask_retention"), "read"),
    "ask_paths": "read",
    **dict.fromkeys(("list_indicators", "get_indicator", "query", "list_annotations", "list_tables"), "read"),
    **dict.fromkeys(("list_boards", "get_board", "list_reports"), "read"),
    "make_report_issue": "write",
    **dict.fromkeys(("list_imports", "get_import", "list_webhooks", "get_webhook", "list_deliveries"), "read"),
    "get_personal_data": "personal",
    **dict.fromkeys(("list_customer_identities", "list_waiting_identities", "list_identity_decisions"), "personal"),
    **dict.fromkeys(("list_companies", "get_company"), "personal"),
    **dict.fromkeys(("claim_identities", "decide_identities", "undo_identity_decision"), "write"),
    **dict.fromkeys(("list_customers", "get_customer", "list_customer_facts", "list_consents"), "personal"),
    **dict.fromkeys(("record_consent", "forget_customer"), "write"),
    **dict.fromkeys(("list_channels", "get_channel"), "read"),
    "change_channel": "write",
    **dict.fromkeys(("list_segments", "get_segment", "preview_segment", "list_personas"), "read"),
    **dict.fromkeys(("make_segment", "change_segment", "remove_segment"), "write"),
    **dict.fromkeys(("list_survey_templates", "list_surveys", "get_survey", "get_survey_definition"), "read"),
    **dict.fromkeys(("make_survey", "change_survey", "change_survey_definition", "publish_survey"), "write"),
    **dict.fromkeys(("pause_survey", "close_survey", "reopen_survey", "make_response"), "write"),
    "list_responses": "read",
    **dict.fromkeys(("list_event_sources", "list_seen_events", "get_tracking_plan"), "read"),
    **dict.fromkeys(("make_event_source", "replace_tracking_plan"), "write"),
    "list_refused_calls": "read",
    "get_refused_call": "personal",
    **dict.fromkeys(("replay_refused_call", "discard_refused_call"), "write"),
    "make_invitations": "write",
    "list_invitations": "personal",
    **dict.fromkeys(("list_goals", "get_goal"), "read"),
    "list_benchmarks": "read",
    **dict.fromkeys(("make_benchmark", "remove_benchmark"), "write"),
    **dict.fromkeys(("make_goal", "change_goal", "remove_goal"), "write"),
    **dict.fromkeys(("list_watches", "get_watch", "preview_watch", "list_alarms", "get_alarm"), "read"),
    **dict.fromkeys(("make_watch", "change_watch", "snooze_watch", "remove_watch"), "write"),
    **dict.fromkeys(("snooze_alarm", "close_alarm"), "write"),
    **dict.fromkeys(("make_annotation", "append_facts", "start_import", "undo_import"), "write"),
    **dict.fromkeys(("list_webhook_sources", "get_webhook_source"), "read"),
    **dict.fromkeys(("make_webhook_source", "change_webhook_source", "remove_webhook_source"), "write"),
    "replay_webhook_source": "write",
    **dict.fromkeys(("make_webhook", "change_webhook", "remove_webhook", "change_secret", "replay_delivery"), "write"),
}

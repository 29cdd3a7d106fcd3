"""Who may open which address, as decided: a change of the code that changes this is seen in a review."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

from percorso.accounts.actions import invite, make_key
from percorso.accounts.models import Membership, Notice, Person, Role, Workspace
from percorso.base.models import Job
from percorso.insights.models import Annotation
from percorso.outreach.models import Delivery, Webhook
from percorso.sources.models import Import

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
    "settings_webhooks": "manage",
    "settings_webhook_make": "manage",
    "settings_webhook": "manage",
    "settings_webhook_change": "manage",
    "settings_webhook_switch": "manage",
    "settings_webhook_secret": "manage",
    "settings_webhook_try": "manage",
    "settings_webhook_remove": "manage",
    "settings_webhook_replay": "manage",
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
    "facts_behind": "personal",
    "download": "analyse",
    "indicators_annotate": "analyse",
    "indicators_annotation": "analyse",
    "indicators_annotation_remove": "analyse",
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


def _import(workspace: Workspace) -> dict[str, Any]:
    return {"pk": Import.objects.create(workspace=workspace, connector="answers", state=Import.State.DONE).pk}


def _webhook(workspace: Workspace) -> dict[str, Any]:
    return {"pk": Webhook.objects.create(workspace=workspace, url="https://example.com/", secret="whsec_AAAA").pk}


def _delivery(workspace: Workspace) -> dict[str, Any]:
    webhook = Webhook.objects.get(pk=_webhook(workspace)["pk"])
    return {"pk": Delivery.objects.create(webhook=webhook, event="msg_1", kind="import.finished", body="{}").pk}


def _annotation(workspace: Workspace) -> dict[str, Any]:
    note = Annotation.objects.create(workspace=workspace, day=date(2026, 1, 5), text="New carrier", indicator="nps")
    return {"key": "nps", "pk": note.pk}


def _indicator(workspace: Workspace) -> dict[str, Any]:
    return {"key": "nps", "form": "csv"}


# The ids that an address takes, of things that exist in the workspace.
OBJECTS: dict[str, Callable[[Workspace], dict[str, Any]]] = {
    "settings_role": _member,
    "settings_remove": _member,
    "settings_withdraw": _invitation,
    "settings_key_revoke": _key,
    "notice_open": _notice,
    **dict.fromkeys(("job_progress", "job_stop", "job_repeat"), _job),
    "customer": lambda workspace: {"id": "c1"},
    **{name: _webhook for name in EXPECTED if name.startswith("settings_webhook_")},
    "settings_webhook": _webhook,
    "settings_webhook_replay": _delivery,
    **{name: _import for name in EXPECTED if name.startswith("import")},
    **dict.fromkeys(("indicator", "facts_behind", "download", "indicators_annotate"), _indicator),
    **dict.fromkeys(("indicators_annotation", "indicators_annotation_remove"), _annotation),
    "start": lambda workspace: {"token": "nothing"},
    "accept_invitation": lambda workspace: {"token": "nothing"},
    "session_end": lambda workspace: {"pk": 1},
}

# What the key of a program must allow for each operation of the REST interface.
OPERATIONS = {
    **dict.fromkeys(("list_indicators", "get_indicator", "query", "list_annotations", "list_tables"), "read"),
    **dict.fromkeys(("list_imports", "get_import", "list_webhooks", "get_webhook", "list_deliveries"), "read"),
    **dict.fromkeys(("list_customers", "get_customer", "list_customer_facts"), "personal"),
    **dict.fromkeys(("make_annotation", "append_facts", "start_import", "undo_import"), "write"),
    **dict.fromkeys(("make_webhook", "change_webhook", "remove_webhook", "change_secret", "replay_delivery"), "write"),
}

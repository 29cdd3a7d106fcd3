"""The audit log: every change writes one entry, in the transaction of the change."""

from typing import Any

from percorso.accounts.models import AuditEntry, Person, Workspace
from percorso.i18n import mark

# What can be done, as the log page says it. An action that is not here cannot be written.
ACTIONS = {
    "signed_in": mark("signed in"),
    "signed_out": mark("signed out"),
    "sign_in_failed": mark("failed to sign in"),
    "password_changed": mark("changed the password"),
    "second_factor_added": mark("added a second factor"),
    "second_factor_removed": mark("removed a second factor"),
    "recovery_codes_made": mark("made new recovery codes"),
    "person_made": mark("made a person"),
    "link_made": mark("made a sign-in link"),
    "source_made": mark("made a source of events"),
    "feature_list_changed": mark("changed the list of features"),
    "source_revoked": mark("revoked the key of a source of events"),
    "source_changed": mark("changed a source of events"),
    "calls_replayed": mark("took refused calls after all"),
    "calls_removed": mark("discarded refused calls"),
    "tracking_plan_changed": mark("changed the tracking plan"),
    "workspace_made": mark("made the workspace"),
    "workspace_changed": mark("changed the settings"),
    "person_invited": mark("invited a person"),
    "invitation_withdrawn": mark("withdrew an invitation"),
    "invitation_accepted": mark("accepted the invitation"),
    "role_changed": mark("changed a role"),
    "person_removed": mark("removed a person"),
    "key_made": mark("made an API key"),
    "key_revoked": mark("revoked an API key"),
    "import_uploaded": mark("uploaded files"),
    "import_started": mark("started an import"),
    "import_stopped": mark("stopped an import"),
    "import_undone": mark("undid an import"),
    "import_discarded": mark("threw uploaded files away"),
    "facts_appended": mark("appended facts"),
    "annotation_made": mark("annotated"),
    "annotation_changed": mark("changed an annotation"),
    "annotation_removed": mark("removed an annotation"),
    "indicators_chosen": mark("chose the indicators of the overview"),
    "segment_made": mark("made a segment"),
    "segment_changed": mark("changed a segment"),
    "segment_removed": mark("removed a segment"),
    "funnel_saved": mark("kept a funnel"),
    "funnel_removed": mark("removed a funnel"),
    "persona_made": mark("made a persona"),
    "persona_changed": mark("changed a persona"),
    "persona_removed": mark("removed a persona"),
    "goal_made": mark("set a goal"),
    "goal_changed": mark("changed a goal"),
    "goal_removed": mark("removed a goal"),
    "benchmark_made": mark("added a benchmark"),
    "benchmark_changed": mark("changed a benchmark"),
    "benchmark_removed": mark("removed a benchmark"),
    "plan_made": mark("made a collection plan"),
    "plan_changed": mark("changed a collection plan"),
    "plan_removed": mark("removed a collection plan"),
    "scorecard_made": mark("made a scorecard"),
    "scorecard_changed": mark("changed a scorecard"),
    "scorecard_removed": mark("removed a scorecard"),
    "board_made": mark("made a board"),
    "board_changed": mark("changed a board"),
    "board_removed": mark("removed a board"),
    "report_made": mark("made a report"),
    "report_changed": mark("changed a report"),
    "report_removed": mark("removed a report"),
    "report_sent": mark("sent a report"),
    "report_left": mark("left a report's recipients"),
    "watch_made": mark("made an alert"),
    "watch_changed": mark("changed an alert"),
    "watch_removed": mark("removed an alert"),
    "watch_snoozed": mark("snoozed an alert"),
    "alarm_snoozed": mark("snoozed an alarm"),
    "alarm_closed": mark("closed an alarm"),
    "downloaded": mark("downloaded"),
    "customer_forgotten": mark("forgot a customer"),
    "erasure_lifted": mark("let an erased person's data in again"),
    "personal_copy_made": mark("had a copy of a person's data made"),
    "personal_copy_read": mark("read or downloaded a copy of a person's data"),
    "privacy_changed": mark("changed what is masked and how long data is kept"),
    "kept_long_enough": mark("ended what was kept long enough"),
    "customer_viewed": mark("looked at a customer"),
    "customers_merged": mark("decided that customers are one"),
    "customers_parted": mark("decided that customers are not one"),
    "identity_split": mark("split an identity off a customer"),
    "identity_decision_undone": mark("undid a decision about who is whom"),
    "identity_claim_set_aside": mark("let what a source said of an identity not count"),
    "identity_claim_counted": mark("let what a source said of an identity count again"),
    "identity_rules_changed": mark("changed the rules of who is whom"),
    "company_placed": mark("changed which company one is part of"),
    "webhook_made": mark("made a webhook"),
    "webhook_changed": mark("changed a webhook"),
    "webhook_removed": mark("removed a webhook"),
    "webhook_replayed": mark("sent a webhook again"),
    "webhook_source_made": mark("made a webhook source"),
    "webhook_source_changed": mark("changed a webhook source"),
    "webhook_source_removed": mark("removed a webhook source"),
    "webhook_source_replayed": mark("read calls of a webhook source again"),
    "survey_made": mark("made a survey"),
    "survey_imported": mark("imported a survey"),
    "survey_changed": mark("changed a survey"),
    "survey_published": mark("published a survey"),
    "survey_paused": mark("paused a survey"),
    "survey_closed": mark("closed a survey"),
    "survey_reopened": mark("reopened a survey"),
    "survey_removed": mark("removed a survey"),
    "survey_secret_renewed": mark("renewed the secret of a survey's widget"),
    "survey_secret_ended": mark("ended the earlier secret of a survey's widget"),
    "survey_sent": mark("sent a survey"),
    "survey_sending_stopped": mark("stopped sending a survey"),
    "survey_tried": mark("sent a test of a survey"),
    "survey_rule_made": mark("made a rule that sends a survey"),
    "survey_rule_changed": mark("changed a rule that sends a survey"),
    "survey_rule_removed": mark("removed a rule that sends a survey"),
    "survey_invitation_sent_again": mark("sent an invitation to a survey again"),
    "survey_invitation_cancelled": mark("cancelled an invitation to a survey"),
    "channel_changed": mark("changed a channel"),
    "channel_tested": mark("sent a test by a channel"),
    "contact_policy_changed": mark("changed the contact policy"),
    "suppressed": mark("put an address on the list of those who get nothing"),
    "suppression_lifted": mark("took an address off the list of those who get nothing"),
    "consent_given": mark("recorded consent"),
    "consent_withdrawn": mark("recorded that consent was withdrawn"),
    "response_left_out": mark("left a response out of the figures"),
    "response_counted": mark("counted a response again"),
    "response_erased": mark("erased a response"),
    "marked_left_out": mark("left suspicious responses out of the figures"),
    "marked_counted": mark("counted suspicious responses again"),
    "job_stopped": mark("stopped a job"),
    "job_repeated": mark("ran a job again"),
    "backup_made": mark("made a backup"),
    "audit_exported": mark("exported the audit log"),
}


def record(
    action: str, workspace: Workspace | None, *, by: Person | str, target: str = "", **details: Any
) -> AuditEntry:
    """Write one entry of the audit log.

    Parameters
    ----------
    action : one of `ACTIONS`. by : the person, or the name of what acts without one (a key, the command line).
    target : what it was done to, readable. details : JSON values; never a secret, never a customer's data.
    """
    if action not in ACTIONS:
        raise ValueError(f"{action} is no action of the audit log: add it to ACTIONS")
    person = by if isinstance(by, Person) else None
    return AuditEntry.objects.create(
        workspace=workspace, person=person, by=str(by)[:254], action=action, target=target[:254], details=details
    )


def record_everywhere(action: str, person: Person, *, by: Person | str | None = None) -> None:
    """Write one entry in the log of each of a person's workspaces, or one outside of all when there is none."""
    homes = list(Workspace.objects.filter(memberships__person=person))
    for workspace in homes or [None]:
        record(action, workspace, by=by or person, target=person.email)

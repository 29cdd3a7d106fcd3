"""Help of the account's and the settings' pages."""

from percorso.i18n import mark

_PEOPLE = (
    mark("Everybody who may open this workspace, and what each may do. One person can have another role elsewhere."),
    mark(
        "Invite by address: the mail carries a link that opens once, within 7 days. Send it yourself when no mail is set"
        " up: it is shown after you press Invite, and never again."
    ),
    mark(
        "An analyst sees figures but no personal data: no customers, no single answers, no texts. At least one owner"
        " always stays."
    ),
)
_KEYS = (
    mark("A key lets a program in: one key for each program, so that one can be revoked without breaking the others."),
    mark("A key may read, or read and write. Without “Personal data too” it gets figures only, like an analyst."),
    mark("The key itself is shown once. If it is lost or seen by others, revoke it and make another."),
)
HELP: dict[str, tuple[str, tuple[str, ...]]] = {
    "me": (
        mark("My account"),
        (
            mark("Your name and language are the same in all workspaces. “Like the browser” follows each machine."),
            mark("Use a second factor: then a stolen password alone opens nothing."),
            mark("The list of browsers shows where you are signed in; sign out those that you do not know."),
        ),
    ),
    "workspace_new": (
        mark("New workspace"),
        (
            mark("Make one for each company, brand or country whose figures are not to be mixed."),
            mark("The time zone decides where days begin. Business hours and holidays are set later, in the settings."),
        ),
    ),
    "settings": (
        mark("Settings of the workspace"),
        (
            mark("The time zone decides when a day begins, in every figure, chart and schedule."),
            mark(
                "Business hours and holidays count in waiting times: a ticket of Friday evening that is answered on"
                " Monday morning waited minutes, not days."
            ),
            mark("A change counts at once, for the past too: figures are computed anew."),
        ),
    ),
    "settings_people": (mark("People"), _PEOPLE),
    "settings_invite": (mark("People"), _PEOPLE),
    "settings_keys": (mark("API keys"), _KEYS),
    "settings_key_make": (mark("API keys"), _KEYS),
    "settings_audit": (
        mark("Audit log"),
        (
            mark(
                "Who did what, and when: sign-ins, changes, imports, downloads. Entries are never changed or removed."
            ),
            mark("Filter by person, action and days; the CSV holds what the filter shows."),
        ),
    ),
    "settings_data": (
        mark("Data"),
        (
            mark("Where percorso keeps what it knows, how large it is, and how many facts this workspace has."),
            mark("Make backups: `percorso backup` works while percorso runs, and keeps both stores together."),
        ),
    ),
    "account_change_password": (
        mark("Password"),
        (
            mark(
                "At least 12 characters. A sentence of a few random words is stronger and easier than a cryptic word."
            ),
            mark("All other browsers are signed out when it changes."),
        ),
    ),
    "mfa_index": (
        mark("Second factor"),
        (
            mark("An app on your phone shows a new code every 30 seconds; signing in asks for it after the password."),
            mark("Keep the recovery codes apart from the phone: each opens the account once when the phone is lost."),
            mark("Both lost? Whoever runs percorso can give you a link without the second factor."),
        ),
    ),
    "usersessions_list": (
        mark("Where you are signed in"),
        (
            mark("Each browser in which your account is open, and since when."),
            mark("Sign out what you do not know, then change the password."),
        ),
    ),
}

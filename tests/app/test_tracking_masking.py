"""What is personal in free text is masked on entry however JSON writes it: as it is, or as escapes."""

import json

import pyarrow as pa
import pytest

from percorso.accounts.models import Workspace
from percorso.analytics.store import Store
from percorso.analytics.tables import TABLES
from percorso.base.owner import store
from percorso.customers.privacy.entry import entering, masked
from percorso.customers.privacy.masking import KINDS
from percorso.customers.privacy.subject import Subject
from percorso.sources.models import RefusedCall
from percorso.sources.tracking import loader
from percorso.sources.webhooks.intake import take
from percorso.sources.webhooks.kind import Call
from percorso.sources.webhooks.models import WebhookDelivery, WebhookSource
from tests.sites import Site

PLAIN = "write to anna@example.com now"
WRITTEN = {
    "plainly": PLAIN,
    "the sign": PLAIN.replace("@", "\\u0040"),
    "a letter": PLAIN.replace("anna@", "\\u0061nna@"),
    "every letter": "".join(f"\\u{ord(letter):04X}" for letter in PLAIN),
}
OTHERS = {
    "a card": ("paid with 4111\\u00201111 1111 111\\u0031", "paid with [card]"),
    "a phone": ("call \\u002b55 11 \\u0039\\u0038765-4321", "call [phone]"),
    "a domain": ("write to anna@\\u00fcber.example.com", "write to [e-mail]"),
    "a CPF": ("529.982.247\\u002d25", "[CPF]"),
}


def stored(site: Site, written: str) -> tuple[str, str]:
    """Send a note in raw JSON; return it as it is stored, and the properties' text."""
    store().entering = entering
    body = f'{{"writeKey":"{site.source.key}","userId":"u1","event":"Note","properties":{{"note":"{written}"}}}}'
    site.send("track", body.encode())
    (event,) = site.events()
    return json.loads(event["properties"])["note"], event["properties"]


@pytest.mark.parametrize("how", WRITTEN)
def test_an_address_is_masked_however_it_is_written(site: Site, how: str) -> None:
    note, _ = stored(site, WRITTEN[how])
    assert note == "write to [e-mail] now"


@pytest.mark.parametrize("what", OTHERS)
def test_other_kinds_are_masked_however_they_are_written(site: Site, what: str) -> None:
    written, told = OTHERS[what]
    assert stored(site, written)[0] == told


@pytest.mark.parametrize("text", ["nothing of anybody: order 20391 for 12.50", "a \\\\u0040 that is no escape", "quoted \\u0022 and \\n"])  # fmt: skip
def test_other_texts_are_stored_to_the_letter(site: Site, text: str) -> None:
    assert stored(site, text)[1] == f'{{"note":"{text}"}}'


def test_letters_that_clients_escape_are_stored_as_they_are(site: Site) -> None:
    assert stored(site, "jos\\u00e9 \\ud83d\\ude00")[1] == '{"note":"josé 😀"}'


@pytest.mark.parametrize("how", WRITTEN)
def test_rows_of_any_other_way_in_are_masked_too(how: str) -> None:
    texts = ['{"n":1}', f'{{"note":"{WRITTEN[how]}"}}', None]
    rows = pa.table({"properties": texts, "page": pa.nulls(3, pa.string())})
    made = masked(TABLES["events"], rows, tuple(KINDS))["properties"].to_pylist()
    assert made == ['{"n":1}', '{"note": "write to [e-mail] now"}', None]


def test_facts_given_as_rows_are_masked(members: Workspace, site: Site) -> None:
    given = {"note": json.loads('"' + WRITTEN["every letter"] + '"')}
    with Store.open(":memory:") as own:
        own.entering = entering
        own.append("events", [{"id": "e1", "name": "Note", "properties": given}], workspace=members.slug)
        [text] = own.table("events", members.slug).properties.execute()
    assert json.loads(text) == {"note": "write to [e-mail] now"}


@pytest.mark.parametrize("broken", [False, True])
def test_an_erased_person_is_found_in_what_was_refused(site: Site, broken: bool) -> None:
    end = ",}" if broken else "}"
    body = f'{{"writeKey":"{site.source.key}","event":"Note","properties":{{"note":"{WRITTEN["the sign"]}"}}{end}'
    site.send("track", body.encode())
    loader.load()
    assert "anna@example.com" in RefusedCall.objects.get().body


def test_an_erased_person_is_found_in_files_with_escapes() -> None:
    anna = Subject(("c1",), addresses=("anna@example.com", "josé@example.com"))
    for text in (WRITTEN["every letter"], "jos\\u00e9@example.com", PLAIN):
        assert anna.stands_in(f'{{"note": "{text}"}}')
    assert not anna.stands_in('{"note": "jo\\u00e3o@example.com"}')


def test_calls_of_webhooks_are_kept_without_escapes(members: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    source = WebhookSource.objects.create(workspace=members, name="Shop", kind="shopify", key="h" * 24)
    monkeypatch.setattr("percorso.sources.webhooks.kinds.shopify.Shopify.check", lambda *_: None)
    take(source, Call(f'{{"id": 1, "note": "{WRITTEN["the sign"]}"}}'.encode(), {"x-shopify-webhook-id": "d1"}))
    assert WebhookDelivery.objects.get().body == f'{{"id": 1, "note": "{PLAIN}"}}'

"""How many requests one address, one link may make in a minute: of people with a message, of mail programs, of gateways."""

from django.http import HttpRequest

from percorso.base.limits import Window, address_of

# A company's gateway opens all links of all mails from one address.
READ_PER_ADDRESS = 1200
# A mail provider unsubscribes all of its users from few addresses: no more than guessing at full speed is held back.
SENT_PER_ADDRESS = 6000
PER_LINK = 60
# A gateway tells of each message of a large sending; what our secret does not sign is soon heard no more.
TOLD_PER_ADDRESS = 20_000
UNSIGNED_PER_ADDRESS = 60
# A sealed link is told apart by its beginning.
LINK_CHARACTERS = 40

READING, SENDING, LINKS = Window(READ_PER_ADDRESS), Window(SENT_PER_ADDRESS), Window(PER_LINK)
TELLING, UNSIGNED = Window(TOLD_PER_ADDRESS), Window(UNSIGNED_PER_ADDRESS)


def too_many(request: HttpRequest, link: str) -> int:
    """Return after how many seconds a link of a message may be asked for again; 0 when it may be now."""
    window = SENDING if request.method == "POST" else READING
    return window.wait(address_of(request)) or LINKS.wait(link[:LINK_CHARACTERS])


def too_many_told(request: HttpRequest) -> int:
    """Return after how many seconds a gateway may tell something again; 0 when it may now."""
    return TELLING.wait(address_of(request))


def too_many_unsigned(request: HttpRequest, account: str) -> int:
    """Count a request for an account (workspace and channel) that its secret does not sign; return as `too_many`."""
    return UNSIGNED.wait(f"{address_of(request)} {account}")

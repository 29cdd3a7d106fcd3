"""How many requests to surveys one address, one token may make in a minute."""

from django.http import HttpRequest

from percorso.base.limits import Window, address_of

# A whole office answers from one address; a gateway opens all links of all mails from one.
READ_PER_ADDRESS = 1200
SENT_PER_ADDRESS = 600
PER_TOKEN = 120

READING, SENDING, TOKENS = Window(READ_PER_ADDRESS), Window(SENT_PER_ADDRESS), Window(PER_TOKEN)


def too_many(request: HttpRequest, token: str) -> int:
    """Return after how many seconds this may be asked again; 0 when it may be asked now."""
    window = SENDING if request.method == "POST" else READING
    return window.wait(address_of(request)) or (TOKENS.wait(token) if token else 0)

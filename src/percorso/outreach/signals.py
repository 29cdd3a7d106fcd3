"""What other apps may subscribe to."""

from django.dispatch import Signal

# A message's sending is over, or what became of it is known: sent, failed, bounced, complained or refused.
# Receivers get `message` (its `state` is the new one) inside the transaction that changes the state, so that what they
# write stands or falls with it; they may be called again for one message (sent, then bounced), never twice for one state.
# A receiver that raises is logged and what it wrote is undone; the message keeps its state.
message_ended = Signal()

# A message is about to be sent. Receivers get `message`; one that returns a text (why, as short as a key) stops it: it ends
# as refused, and the text is in `message.told`. Slow work does not belong here: it is done for every message.
message_leaving = Signal()

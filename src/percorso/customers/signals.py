"""What other apps may subscribe to."""

from django.dispatch import Signal

# A customer is forgotten on request. Receivers get `workspace` and `customer` (the id) inside the transaction, and empty what
# they keep of that person; what must go on holding (a suppression) keeps the address as `forgotten.hashed` writes it.
customer_forgotten = Signal()

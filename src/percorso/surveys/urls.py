"""Addresses."""

from percorso.surveys.editing.urls import urlpatterns as editing
from percorso.surveys.exchange.urls import urlpatterns as exchange
from percorso.surveys.inviting.urls import urlpatterns as inviting
from percorso.surveys.respond.urls import urlpatterns as respond
from percorso.surveys.results.urls import urlpatterns as results
from percorso.surveys.sharing.urls import urlpatterns as sharing

# Asked for far more often than all other pages: the first ones that are looked at (see web/urls.py).
public = respond
urlpatterns = [*exchange, *sharing, *editing, *inviting, *results]

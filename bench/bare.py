"""One endpoint that inserts one row."""

import os

from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.bare_settings")


@csrf_exempt
def insert(request: HttpRequest) -> HttpResponse:
    from percorso.base.models import PendingFact

    PendingFact.objects.create(workspace="bench", table="answers", row=request.POST.dict())
    return HttpResponse(status=303, headers={"Location": "/"})


urlpatterns = [path("insert/", insert), path("health/ready", lambda request: HttpResponse("ok"))]
application = get_wsgi_application()

"""What a person is told inside the pages."""

from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from percorso.accounts.access import MemberRequest, member
from percorso.accounts.models import Workspace
from percorso.accounts.queries import notices

ON_A_PAGE = 50


@require_safe
@member("see")
def notice_list(request: MemberRequest, workspace: Workspace) -> HttpResponse:
    """Show a person's own notices, the newest first."""
    page = Paginator(notices(request.user, workspace), ON_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "web/notices.html", {"page": page})


@require_POST
@member("see")
def open_notice(request: MemberRequest, workspace: Workspace, pk: int) -> HttpResponseRedirect:
    """Mark a notice as read and go where it points, which is always inside of this site."""
    notice = get_object_or_404(notices(request.user, workspace), pk=pk)
    notices(request.user, workspace).filter(pk=pk, read_at=None).update(read_at=timezone.now())
    if notice.href and url_has_allowed_host_and_scheme(notice.href, allowed_hosts=None):
        return HttpResponseRedirect(notice.href)
    return redirect("notices", workspace.slug)


@require_POST
@member("see")
def read_all(request: MemberRequest, workspace: Workspace) -> HttpResponseRedirect:
    """Mark all notices of this person in this workspace as read."""
    notices(request.user, workspace).filter(read_at=None).update(read_at=timezone.now())
    return redirect("notices", workspace.slug)

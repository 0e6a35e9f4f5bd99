"""Taking command with a signed link: a page that asks, and a button that does it.

It answers without a sign-in, says no more than the title, and looking at it changes nothing. What
it says of a bad link is the same whatever is wrong with it, and whoever tries many has to wait.
"""

from functools import partial

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response

from pawl.base.errors import PawlError
from pawl.server.form import read_form
from pawl.server.site import site_of
from pawl.services.accepting import Accepting, Invited, Standing

_STATUS = {
    Standing.OPEN: 200,
    Standing.TAKEN: 200,
    Standing.OTHER: 409,
    Standing.USED: 410,
    Standing.EXPIRED: 410,
    Standing.OVER: 410,
    Standing.STRANGER: 403,
    Standing.UNREADABLE: 503,
    Standing.BAD: 404,
}


async def show(request: Request) -> Response:
    """Answer `GET /accept/{token}`: what the link is for."""
    return await _answered(request, take_it=False)


async def take(request: Request) -> Response:
    """Answer `POST /accept/{token}`: take command as the person of the link."""
    await read_form(request, ("yes",), largest=1024)
    return await _answered(request, take_it=True)


async def _answered(request: Request, *, take_it: bool) -> Response:
    site = site_of(request)
    accepting = _accepting(request)
    address = request.client.host if request.client else ""
    token = request.path_params["token"]
    wait_s = site.invitation_attempts.wait_s(address)
    # Nobody guesses a link. Behind a proxy all have one address, and a guesser must not keep
    # whoever is paged from answering.
    if wait_s and not (accepting is not None and accepting.ours(token)):
        answer = _page(request, Invited(standing=Standing.BAD), 429)
        answer.headers["Retry-After"] = str(wait_s)
        return answer
    if accepting is None:
        return _page(request, Invited(standing=Standing.BAD), 404)
    try:
        found = await to_thread.run_sync(
            partial(accepting.take if take_it else accepting.look, token)
        )
    except PawlError:
        found = Invited(standing=Standing.UNREADABLE)
    if found.standing is Standing.BAD:
        site.invitation_attempts.failed(address)
    return _page(request, found, _STATUS[found.standing])


def _accepting(request: Request) -> Accepting | None:
    oncall = site_of(request).serving.oncall
    return None if oncall is None else oncall.accepting


def _page(request: Request, found: Invited, status: int) -> Response:
    answer = site_of(request).page(request, "accept/page.html", status=status, found=found)
    # The address is the secret: it goes to no other page, and no search engine keeps it.
    answer.headers["X-Robots-Tag"] = "noindex, nofollow"
    return answer

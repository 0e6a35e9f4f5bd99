"""Apprise: an extra that says so where it is missing, and keeps addresses to itself."""

import sys
import warnings

import pytest
from tests.alerts.made_alerts import a_notice

from pawl.alerts.delivery import NotDelivered
from pawl.base.errors import BadValue
from pawl.runs.alert_settings import ChannelSettings
from pawl.world.channel import Opening
from pawl.world.clock import now
from pawl.world.notify import apprise

HIDDEN = "json://127.0.0.1:9/verysecret"


def opening(url: str, **environment: str) -> Opening:
    """Return what an apprise channel is opened with."""
    settings = ChannelSettings(kind="apprise", url=url)
    return Opening(settings=settings, place="p", environment=environment)


class _Library:
    """Stands in for the library: notes what it was given, and answers as told."""

    class NotifyFormat:
        TEXT = "text"

    def __init__(self, answer: object) -> None:
        self.answer, self.told = answer, list[dict[str, str]]()

    def Apprise(self) -> "_Library":
        return self

    def add(self, url: str) -> bool:
        return url.startswith("json://")

    def notify(self, **told: str) -> object:
        self.told.append(told)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def test_a_missing_library_is_named_with_its_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever configures it learns which extra to install."""
    monkeypatch.setitem(sys.modules, "apprise", None)
    with pytest.raises(BadValue, match="not installed") as caught:
        apprise.CHANNEL.open(opening(HIDDEN))
    assert "pawl-ops[notify]" in caught.value.hint


@pytest.mark.parametrize("answer", [False, ValueError(HIDDEN)])
def test_a_failure_holds_no_address(monkeypatch: pytest.MonkeyPatch, answer: object) -> None:
    """Whatever the library says or raises, the error is ours."""
    monkeypatch.setattr(apprise, "_library", lambda place: _Library(answer))
    sender = apprise.CHANNEL.open(opening("env:WHERE", WHERE=HIDDEN))
    with pytest.raises(NotDelivered) as caught:
        sender.send(a_notice(), now())
    assert "secret" not in str(caught.value)


def test_a_notice_is_plain_text(monkeypatch: pytest.MonkeyPatch) -> None:
    """The service is told to read no markup into it."""
    library = _Library(True)
    monkeypatch.setattr(apprise, "_library", lambda place: library)
    apprise.CHANNEL.open(opening(HIDDEN)).send(a_notice(), now())
    (told,) = library.told
    assert told["body_format"] == "text"
    assert "error-rate" in told["body"]


def test_the_library_itself_knows_its_services() -> None:
    """With the extra installed a scheme that it does not know is refused, without the address."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pytest.importorskip("apprise", reason="the extra `notify` is not installed")
        with pytest.raises(BadValue, match="does not know") as caught:
            apprise.CHANNEL.open(opening("nosuch://verysecret"))
    assert "verysecret" not in str(caught.value)

"""E-mail: over TLS or not at all, and one message whatever stands in the telemetry."""

import email
import email.policy
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.alerts.made_alerts import HOSTILE, a_notice
from tests.world.notify.receivers import Mail, smtp_receiver

from pawl.alerts.delivery import NotDelivered
from pawl.base.errors import BadValue
from pawl.runs.alert_settings import ChannelSettings
from pawl.world.channel import Opening, Sender
from pawl.world.clock import now
from pawl.world.notify.email import CHANNEL


@pytest.fixture
def mail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Mail]:
    """Return an SMTP server whose certificate is trusted."""
    with smtp_receiver(tmp_path) as found:
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
        yield found


def opened(url: str, **told: object) -> Sender:
    """Open an e-mail channel."""
    values: dict[str, object] = {"sender": "pawl@example.org", "to": ("ann@example.org",)} | told
    settings = ChannelSettings(kind="email", url=url, **values)  # type: ignore[arg-type]
    return CHANNEL.open(
        Opening(settings=settings, place="p", link="http://here", environment={"PASS": "hidden"})
    )


def test_a_message_arrives_over_tls_with_text_and_html(mail: Mail) -> None:
    """STARTTLS first, then the password, then one message with the notice's id."""
    sender = opened(f"smtp://pawl@localhost:{mail.port}", password="PASS")
    sender.send(a_notice(), now())
    ((envelope, to, raw),) = mail.messages
    assert (envelope, to) == ("<pawl@example.org>", ["<ann@example.org>"])
    assert len(mail.logins) == 1
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert message["Message-ID"] == "<notice1@pawl.invalid>"
    assert message["Subject"].startswith("[FIRING")
    plain = message.get_body(("plain",))
    assert plain is not None
    assert "7 % of the calls failed." in plain.get_content()


def test_no_header_and_no_markup_comes_from_telemetry(mail: Mail) -> None:
    """A line break in a name starts no header, and a tag in it is text."""
    opened(f"smtp://localhost:{mail.port}").send(a_notice(text=HOSTILE), now())
    ((_, to, raw),) = mail.messages
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert to == ["<ann@example.org>"]
    assert message["Bcc"] is None
    assert "Bcc: all@example.org" in message["Subject"]
    html = message.get_body(("html",))
    assert html is not None
    assert "<b>" not in html.get_content()
    assert "&lt;b&gt;" in html.get_content()


def test_without_tls_nothing_is_sent(mail: Mail) -> None:
    """A server that offers no STARTTLS gets neither password nor message."""
    mail.starttls = False
    with pytest.raises(NotDelivered, match="no TLS"):
        opened(f"smtp://pawl@localhost:{mail.port}", password="PASS").send(a_notice(), now())
    assert (mail.messages, mail.logins) == ([], [])


def test_a_certificate_that_nobody_vouches_for_is_refused(
    mail: Mail, monkeypatch: pytest.MonkeyPatch
) -> None:
    """TLS is checked, not only used."""
    monkeypatch.delenv("SSL_CERT_FILE")
    with pytest.raises(NotDelivered, match="SSLCertVerificationError"):
        opened(f"smtp://localhost:{mail.port}").send(a_notice(), now())
    assert mail.messages == []


@pytest.mark.parametrize(("refuse", "says"), [("AUTH", "user and password"), ("MAIL", "451")])
def test_a_refusal_is_told_without_secrets(mail: Mail, refuse: str, says: str) -> None:
    """What the server refuses is named by its number, without password or address."""
    mail.refuse = refuse
    with pytest.raises(NotDelivered, match=says) as caught:
        opened(f"smtp://pawl@localhost:{mail.port}", password="PASS").send(a_notice(), now())
    assert "hidden" not in str(caught.value)
    assert "example.org" not in str(caught.value)


def test_a_server_that_is_not_there(tmp_path: Path) -> None:
    """It is a failure that may end."""
    with pytest.raises(NotDelivered, match="cannot be reached"):
        opened("smtp://localhost:9").send(a_notice(), now())


@pytest.mark.parametrize(
    ("url", "told", "says"),
    [
        ("http://localhost", {}, "not one of"),
        ("smtp://ann:pass@localhost", {}, "holds a password"),
        ("smtp://localhost", {"to": ()}, "addresses"),
        ("smtp://localhost", {"sender": None}, "addresses"),
        ("smtp://localhost", {"to": ("a@b\r\nBcc: c@d",)}, "addresses"),
        ("smtp://localhost", {"password": "NOPE"}, "NOPE"),
    ],
)
def test_a_channel_that_cannot_work_says_why(url: str, told: dict[str, object], says: str) -> None:
    """The error names the place and the remedy, and no secret."""
    with pytest.raises(BadValue, match=says) as caught:
        opened(url, **told)
    assert caught.value.hint
    assert "pass@" not in str(caught.value)

"""E-mail through one's own SMTP server, always over TLS.

`url` is `smtps://user@host:465` for TLS from the start or `smtp://user@host:587` for STARTTLS,
which is demanded, never only tried. `password` names the environment variable with the password,
`sender` and `to` are addresses. A message is plain text with an HTML twin; nothing from telemetry
gets into a header but one escaped line of the subject.
"""

import html
import smtplib
import ssl
from email.errors import MessageError
from email.message import EmailMessage
from email.utils import format_datetime
from urllib.parse import unquote, urlsplit

from pawl.alerts.alert import Notice
from pawl.alerts.delivery import NotDelivered, facts, headline, link, numbers, one_line
from pawl.base.errors import BadValue
from pawl.base.times import parse_time
from pawl.world.channel import Channel, Opening, Sender, address, secret

_PORTS = {"smtps": 465, "smtp": 587}


class _Email:
    def __init__(self, opening: Opening) -> None:
        settings = opening.settings
        parts = urlsplit(address(opening, ("smtps", "smtp")))
        self._tls, self._host = parts.scheme == "smtps", parts.hostname or ""
        self._port = parts.port or _PORTS[parts.scheme]
        self._user = unquote(parts.username or "")
        self._password = secret(opening, settings.password, "The password")
        if parts.password:
            raise BadValue(
                "The url holds a password.",
                place=opening.place,
                hint='Take it out and write password = "NAME": an environment variable.',
            )
        self._sender, self._to, self._link = settings.sender or "", settings.to, opening.link
        named = (self._sender, *self._to)
        if not self._to or any("@" not in each or not each.isprintable() for each in named):
            raise BadValue(
                "An e-mail needs addresses.",
                place=opening.place,
                hint='Write sender = "pawl@example.org" and to = ["on-call@example.org"].',
            )
        self._server: tuple[str, int] = (self._host, self._port)

    def send(self, notice: Notice, now: str) -> None:
        """Hand the message to the server, which must offer TLS with a certificate that holds."""
        message = message_of(notice, self._sender, self._to, self._link, now)
        timeout, context = numbers().timeout_s, ssl.create_default_context()
        try:
            with (
                smtplib.SMTP_SSL(*self._server, timeout=timeout, context=context)
                if self._tls
                else smtplib.SMTP(*self._server, timeout=timeout)
            ) as server:
                if not self._tls:
                    server.starttls(context=context)
                if self._password is not None:
                    server.login(self._user, self._password)
                server.send_message(message, self._sender, list(self._to))
        except smtplib.SMTPAuthenticationError:
            raise NotDelivered("the mail server refused user and password.") from None
        except smtplib.SMTPNotSupportedError:
            raise NotDelivered("the mail server offers no TLS.") from None
        except smtplib.SMTPResponseException as error:
            raise NotDelivered(f"the mail server answered {error.smtp_code}.") from None
        except (ssl.SSLError, smtplib.SMTPException, MessageError) as error:
            raise NotDelivered(f"sending failed ({type(error).__name__}).") from None
        except OSError:
            raise NotDelivered("the mail server cannot be reached.") from None


def message_of(
    notice: Notice, sender: str, to: tuple[str, ...], base: str, now: str
) -> EmailMessage:
    """Return a notice as a message; its id is the notice's, so that repetitions are seen."""
    message = EmailMessage()
    message["From"] = sender
    message["To"] = ", ".join(to)
    message["Subject"] = headline(notice)
    message["Date"] = format_datetime(parse_time(now))
    message["Message-ID"] = f"<{notice.id}@pawl.invalid>"
    message["Auto-Submitted"] = "auto-generated"
    lines, rows = [headline(notice)], [f"<h1>{html.escape(headline(notice))}</h1>"]
    for told in notice.alerts:
        where = link(base, told)
        lines += ["", told.rule, *(f"  {name}: {value}" for name, value in facts(told)),
                  f"  {where}"]  # fmt: skip
        listed = "".join(
            f"<dt>{name}</dt><dd>{html.escape(value)}</dd>" for name, value in facts(told)
        )
        rows.append(f'<h2><a href="{html.escape(where)}">{html.escape(told.rule)}</a></h2>'
                    f"<dl>{listed}</dl>")  # fmt: skip
    if notice.invites is not None and notice.invites.link:
        said = f"Take command as {one_line(notice.invites.person)}"
        lines += ["", f"{said}: {notice.invites.link}"]
        rows.append(f'<p><a href="{html.escape(notice.invites.link)}">{html.escape(said)}</a></p>')
    if notice.text:
        lines += ["", notice.text]
        rows.append(f"<pre>{html.escape(notice.text)}</pre>")
    message.set_content("\n".join(lines) + "\n")
    message.add_alternative(f"<!doctype html><html><body>{''.join(rows)}</body></html>", "html")
    return message


def _open(opening: Opening) -> Sender:
    return _Email(opening)


CHANNEL = Channel(title="E-mail", open=_open)

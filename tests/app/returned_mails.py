"""Mails that come back, written as the servers document them; ``{id}`` is the id of the message that they are about."""

from email.message import EmailMessage

COPY = """\
Return-Path: <survey@acme.test>
From: Acme <survey@acme.test>
To: {to}
Subject: How was it?
Message-ID: <{id}@acme.test>
Date: Mon, 02 Feb 2026 10:00:00 +0000
"""

POSTFIX = """\
Return-Path: <>
Date: Mon,  2 Feb 2026 10:00:01 +0000 (UTC)
From: MAILER-DAEMON@mail.acme.test (Mail Delivery System)
Subject: Undelivered Mail Returned to Sender
To: survey@acme.test
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
\tboundary="4F1A2.1770026401/mail.acme.test"
Message-Id: <20260202100001.5B0C44F1A3@mail.acme.test>

This is a MIME-encapsulated message.

--4F1A2.1770026401/mail.acme.test
Content-Description: Notification
Content-Type: text/plain; charset=us-ascii

This is the mail system at host mail.acme.test.

I'm sorry to have to inform you that your message could not
be delivered to one or more recipients. It's attached below.

--4F1A2.1770026401/mail.acme.test
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.acme.test
X-Postfix-Queue-ID: 4F1A2
X-Postfix-Sender: rfc822; survey@acme.test
Arrival-Date: Mon,  2 Feb 2026 10:00:00 +0000 (UTC)

Final-Recipient: rfc822; {to}
Original-Recipient: rfc822;{to}
Action: {action}
Status: {status}
{remote}Diagnostic-Code: {diagnostic}

--4F1A2.1770026401/mail.acme.test
Content-Description: Undelivered Message
Content-Type: {copy_type}

{copy}
Tell us.

--4F1A2.1770026401/mail.acme.test--
"""

NO_USER = "smtp; 550 5.1.1 <gone@example.com>: Recipient address rejected:\n    User unknown"
TIMED_OUT = "X-Postfix; connect to mx.example.com[192.0.2.7]:25: Connection timed out"

EXIM = """\
Received: from Debian-exim by mail.acme.test with local (Exim 4.96)
\tid 1pxKBl-0008Vy-0p
\tfor survey@acme.test;
\tMon, 02 Feb 2026 10:00:01 +0000
X-Failed-Recipients: {to}
Auto-Submitted: auto-replied
From: Mail Delivery System <Mailer-Daemon@mail.acme.test>
To: survey@acme.test
References: <{id}@acme.test>
Content-Type: multipart/report; report-type=delivery-status; boundary=1770026401-eximdsn-1804289383
MIME-Version: 1.0
Subject: Mail delivery failed: returning message to sender
Message-Id: <E1pxKBl-0008Vy-0p@mail.acme.test>

--1770026401-eximdsn-1804289383
Content-type: text/plain; charset=us-ascii

This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  {to}
    host mx.example.com [192.0.2.7]
    SMTP error from remote mail server after RCPT TO:<{to}>:
    {said}

--1770026401-eximdsn-1804289383
Content-type: message/delivery-status

Reporting-MTA: dns; mail.acme.test

Action: failed
Final-Recipient: rfc822;{to}
Status: 5.0.0
Remote-MTA: dns; mx.example.com
Diagnostic-Code: smtp; {said}

--1770026401-eximdsn-1804289383
Content-type: message/rfc822

{copy}
Tell us.

--1770026401-eximdsn-1804289383--
"""

OLD_EXIM = """\
X-Failed-Recipients: gone@example.com
Auto-Submitted: auto-replied
From: Mail Delivery System <Mailer-Daemon@mail.acme.test>
To: survey@acme.test
Subject: Mail delivery failed: returning message to sender
Message-Id: <E1old-0001-AA@mail.acme.test>

This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  gone@example.com
    SMTP error from remote mail server after RCPT TO:<gone@example.com>:
    host mx.example.com [192.0.2.7]: 550 unknown user

------ This is a copy of the message, including all the headers. ------

{copy}
Tell us.
"""

EXCHANGE = """\
From: <postmaster@example.onmicrosoft.com>
To: <survey@acme.test>
Date: Mon, 2 Feb 2026 10:00:03 +0000
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
\tboundary="2f3c8c8c-4c8f-4b52-9a5d-4a1b1f8f2f11"
X-MS-Exchange-Message-Is-Ndr:
Content-Language: en-US
Message-ID: <2f3c8c8c@EXAMPLE01.example.com>
In-Reply-To: <{id}@acme.test>
References: <{id}@acme.test>
Subject: Undeliverable: How was it?
Auto-Submitted: auto-replied

--2f3c8c8c-4c8f-4b52-9a5d-4a1b1f8f2f11
Content-Type: multipart/alternative; differences=Content-Type;
\tboundary="4dd1c8f9-0d1e-4c47-8f0e-0c2b7a7a7a7a"

--4dd1c8f9-0d1e-4c47-8f0e-0c2b7a7a7a7a
Content-Type: text/plain; charset="us-ascii"
Content-Transfer-Encoding: quoted-printable

[http://products.office.com/en-us/CMSImages/Office365Logo_Orange.png?versio=
n=3D1]
Your message to {to} couldn't be delivered.

--4dd1c8f9-0d1e-4c47-8f0e-0c2b7a7a7a7a
Content-Type: text/html; charset="us-ascii"

<html><body><p>Your message couldn't be delivered.</p></body></html>

--4dd1c8f9-0d1e-4c47-8f0e-0c2b7a7a7a7a--

--2f3c8c8c-4c8f-4b52-9a5d-4a1b1f8f2f11
Content-Type: message/delivery-status

Reporting-MTA: dns;EXAMPLE01.example.com
Received-From-MTA: dns;mail.acme.test
Arrival-Date: Mon, 2 Feb 2026 10:00:02 +0000

Final-Recipient: rfc822;{to}
Action: failed
Status: {status}
Diagnostic-Code: smtp;{said}

--2f3c8c8c-4c8f-4b52-9a5d-4a1b1f8f2f11
Content-Type: message/rfc822

{copy}
Tell us.

--2f3c8c8c-4c8f-4b52-9a5d-4a1b1f8f2f11--
"""

COMPLAINT = """\
From: <abusedesk@example.com>
Date: Mon, 2 Feb 2026 17:40:36 +0000
Subject: FW: How was it?
To: <bounces@acme.test>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report;
     boundary="part1_13d.2e68ed54_boundary"

--part1_13d.2e68ed54_boundary
Content-Type: text/plain; charset="US-ASCII"
Content-Transfer-Encoding: 7bit

This is an email abuse report for an email message received from IP
192.0.2.1 on Mon, 2 Feb 2026 10:00:05 +0000.

--part1_13d.2e68ed54_boundary
Content-Type: message/feedback-report

Feedback-Type: {type}
User-Agent: SomeGenerator/1.0
Version: 1
Original-Mail-From: <survey@acme.test>
Original-Rcpt-To: <ana@example.com>
Arrival-Date: Mon, 2 Feb 2026 10:00:05 +0000
Source-IP: 192.0.2.1

--part1_13d.2e68ed54_boundary
Content-Type: message/rfc822
Content-Disposition: inline

{copy}
Tell us.
--part1_13d.2e68ed54_boundary--
"""


def made(name: str, id: str) -> bytes:
    """Return one of the mails, about the message `id`, with the line ends of mails."""
    return _MADE[name](id).replace("\n", "\r\n").encode()


def _postfix(
    id: str, to: str, status: str, diagnostic: str, action: str = "failed", type: str = "message/rfc822"
) -> str:
    remote = "Remote-MTA: dns; mx.example.com\n" if diagnostic.startswith("smtp") else ""
    return POSTFIX.format(
        to=to, status=status, diagnostic=diagnostic, action=action, remote=remote, copy_type=type,
        copy=COPY.format(id=id, to=to),
    )  # fmt: skip


def _exim(id: str, to: str, said: str) -> str:
    return EXIM.format(id=id, to=to, said=said, copy=COPY.format(id=id, to=to))


def _exchange(id: str, to: str, status: str, said: str) -> str:
    return EXCHANGE.format(id=id, to=to, status=status, said=said, copy=COPY.format(id=id, to=to))


def _written(id: str, subject: str, **headers: str) -> str:
    """What a person, or their absence, answers."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "ana@example.com", "survey@acme.test", subject
    mail["In-Reply-To"], mail["Message-ID"] = f"<{id}@acme.test>", "<answer@example.com>"
    for header, value in headers.items():
        mail[header.replace("_", "-")] = value
    mail.set_content("550 5.1.1 is the number of my house.\n")
    return mail.as_string()


_MADE = {
    "postfix_no_user": lambda id: _postfix(id, "gone@example.com", "5.1.1", NO_USER),
    "postfix_expired": lambda id: _postfix(id, "ana@example.com", "4.4.1", TIMED_OUT),
    "postfix_delayed": lambda id: _postfix(id, "ana@example.com", "4.4.1", TIMED_OUT, action="delayed"),
    "headers_only": lambda id: _postfix(id, "gone@example.com", "5.1.1", "smtp; 550 5.1.1 unknown", type="text/rfc822-headers"),
    "global": lambda id: _postfix(id, "gone@example.com", "5.1.1", "smtp; 550 5.1.1 unknown").replace("message/delivery-status", "message/global-delivery-status"),
    "delivery_receipt": lambda id: _postfix(id, "ana@example.com", "2.0.0", "smtp; 250 2.0.0 Ok", action="delivered"),
    "exim": lambda id: _exim(id, "gone@example.com", "550 5.1.1 no such mailbox"),
    "exim_blocked": lambda id: _exim(id, "ana@example.com", "550 5.7.1 message content rejected"),
    "old_exim": lambda id: OLD_EXIM.format(copy=COPY.format(id=id, to="gone@example.com")),
    "exchange": lambda id: _exchange(id, "gone@example.com", "5.1.10", "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient gone@example.com not found by SMTP address lookup"),
    "exchange_full": lambda id: _exchange(id, "ana@example.com", "5.2.2", "554 5.2.2 mailbox full; STOREDRV.Deliver.Exception:QuotaExceededException"),
    "complaint": lambda id: COMPLAINT.format(type="abuse", copy=COPY.format(id=id, to="ana@example.com")),
    "not_spam": lambda id: COMPLAINT.format(type="not-spam", copy=COPY.format(id=id, to="ana@example.com")),
    "answer": lambda id: _written(id, "Re: How was it?"),
    "absence": lambda id: _written(id, "Out of office", Auto_Submitted="auto-replied"),
    "broken": lambda id: "Content-Type: multipart/report; boundary=\n\n--\nContent-Type: message/delivery-status\n\n",
}  # fmt: skip

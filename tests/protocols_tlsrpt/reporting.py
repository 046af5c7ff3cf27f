# SPDX-License-Identifier: GPL-3.0-or-later
"""A report as RFC 8460, appendix B has it."""

from __future__ import annotations

import json
from email.message import EmailMessage
from typing import Any

REPORT: dict[str, Any] = {
    "organization-name": "Company-X",
    "date-range": {"start-datetime": "2016-04-01T00:00:00Z", "end-datetime": "2016-04-01T23:59:59Z"},
    "contact-info": "sts-reporting@company-x.example",
    "report-id": "5065427c-23d3-47ca-b6e0-946ea0e8c4be",
    "policies": [
        {
            "policy": {
                "policy-type": "sts",
                "policy-string": [
                    "version: STSv1",
                    "mode: testing",
                    "mx: *.mail.company-y.example",
                    "max_age: 86400",
                ],
                "policy-domain": "company-y.example",
                "mx-host": "*.mail.company-y.example",
            },
            "summary": {"total-successful-session-count": 5326, "total-failure-session-count": 303},
            "failure-details": [
                {
                    "result-type": "certificate-expired",
                    "sending-mta-ip": "2001:db8:abcd:0012::1",
                    "receiving-mx-hostname": "mx1.mail.company-y.example",
                    "failed-session-count": 100,
                },
                {
                    "result-type": "starttls-not-supported",
                    "sending-mta-ip": "2001:db8:abcd:0013::1",
                    "receiving-mx-hostname": "mx2.mail.company-y.example",
                    "receiving-ip": "203.0.113.56",
                    "failed-session-count": 200,
                    "additional-information": "https://reports.company-x.example/report_info?id=5065427c-23d3#StarttlsNotSupported",
                },
                {
                    "result-type": "validation-failure",
                    "sending-mta-ip": "198.51.100.62",
                    "receiving-ip": "203.0.113.58",
                    "receiving-mx-hostname": "mx-backup.mail.company-y.example",
                    "failed-session-count": 3,
                    "failure-reason-code": "X509_V_ERR_PROXY_PATH_LENGTH_EXCEEDED",
                },
            ],
        }
    ],
}


def encoded(**more: Any) -> bytes:
    """The report, with other values for some of its members."""
    return json.dumps(REPORT | more).encode()


def mail(report: bytes, subtype: str = "tlsrpt+gzip") -> bytes:
    """RFC 8460, 5.3."""
    message = EmailMessage()
    message["From"] = "tlsrpt@company-x.example"
    message["Subject"] = "Report Domain: company-y.example Submitter: company-x.example Report-ID: <735ff.e317@x>"
    message["TLS-Report-Domain"] = "company-y.example"
    message["TLS-Report-Submitter"] = "company-x.example"
    message.set_content("This is an aggregate TLS report from company-x.example")
    message.add_attachment(report, "application", subtype, filename="company-x.example!company-y.example!1!2.json.gz")
    return message.as_bytes().replace(b"\n", b"\r\n")

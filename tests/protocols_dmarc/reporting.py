# SPDX-License-Identifier: GPL-3.0-or-later
"""Aggregate reports as large senders write them."""

from __future__ import annotations

from email.message import EmailMessage

ROW = """
  <record>
    <row>
      <source_ip>{source}</source_ip>
      <count>{count}</count>
      <policy_evaluated><disposition>{disposition}</disposition><dkim>{dkim}</dkim><spf>fail</spf></policy_evaluated>
    </row>
    <identifiers><header_from>Example.ORG</header_from></identifiers>
    <auth_results><spf><domain>example.org</domain><result>fail</result></spf></auth_results>
  </record>"""


def xml(
    rows: str = "", *, organisation: str = "far.test", number: str = "1", domain: str = "example.org", top: str = ""
) -> bytes:
    """RFC 7489, C."""
    return f"""<?xml version="1.0" encoding="UTF-8" ?>{top}
<feedback>
  <report_metadata>
    <org_name>{organisation}</org_name><email>dmarc@{organisation}</email><report_id>{number}</report_id>
    <date_range><begin>1700000000</begin><end>1700086400</end></date_range>
  </report_metadata>
  <policy_published><domain>{domain}</domain><p>reject</p><pct>100</pct></policy_published>{rows}
</feedback>
""".encode()


def row(source: str = "192.0.2.1", count: int = 1, dkim: str = "pass", disposition: str = "none") -> str:
    return ROW.format(source=source, count=count, dkim=dkim, disposition=disposition)


def mail(report: bytes, subtype: str = "gzip") -> bytes:
    """RFC 7489, 7.2.1.1."""
    message = EmailMessage()
    message["From"] = "dmarc@far.test"
    message["Subject"] = "Report domain: example.org"
    message.set_content("See the attachment.")
    message.add_attachment(report, "application", subtype, filename="far.test!example.org!1!2.xml.gz")
    return message.as_bytes().replace(b"\n", b"\r\n")

# SPDX-License-Identifier: GPL-3.0-or-later
"""Whole sessions as Roundcube (through PEAR's Net_Sieve) and Thunderbird's add-on hold them, octet for octet."""

from __future__ import annotations

import base64

from tests.imap_site import PASSWORD
from tests.managesieve.site import Site, plain
from tests.scram_client import client_final, client_first
from tests.support import on_loop

ROUNDCUBE = b"""\
require ["fileinto"];\r
# rule:[lists]\r
if header :contains "list-id" "dev"\r
{\r
\tfileinto "Lists/\xc3\x89t\xc3\xa9";\r
\tstop;\r
}\r
"""


@on_loop
async def test_roundcube_saves_its_rules_and_chooses_them(site: Site) -> None:
    guest = await site.guest(site.strict)
    await guest.says('C: STARTTLS\nS: OK "begin the handshake"')
    await guest.starts_tls(site.trust())
    await guest.says(f"""
        S: "IMPLEMENTATION" "ikserver"
        S: ...
        S: OK "TLS is on"
        C: AUTHENTICATE "PLAIN" "{plain()}"
        S: OK "logged in"
        C: CAPABILITY
        S: ...
        S: OK
        C: LISTSCRIPTS
        S: OK
        """)
    # What it calls a script goes as a literal where it is not ASCII, and the script is never quoted.
    guest.sends(b'PUTSCRIPT "roundcube" {%d+}\r\n%b\r\n' % (len(ROUNDCUBE), ROUNDCUBE))
    await guest.says("""
        S: OK "the script can be used"
        C: SETACTIVE "roundcube"
        S: OK "the script is active"
        C: PUTSCRIPT {5+}
        C: fête {5+}
        C: keep;
        S: OK "the script can be used"
        C: LISTSCRIPTS
        S: "fête"
        S: "roundcube" ACTIVE
        S: OK
        C: GETSCRIPT "roundcube"
        """)
    assert await guest.hears() == f"{{{len(ROUNDCUBE)}}}"
    assert await guest.hears_octets(len(ROUNDCUBE) + 2) == ROUNDCUBE + b"\r\n"
    await guest.says('S: OK\nC: LOGOUT\nS: OK "good-bye"')
    await guest.hears_end()


@on_loop
async def test_thunderbirds_add_on_proves_its_password_and_edits_a_script(site: Site) -> None:
    guest = await site.guest()
    first = client_first("ann@demo.test", "4e1243bd22c66e76c2ba9eddc1f91394e57f9f83")
    guest.sends(b'AUTHENTICATE "SCRAM-SHA-256" "%b"\r\n' % base64.b64encode(first))
    final = client_final(first, (await guest.hears()).strip('"'), PASSWORD)
    guest.sends(b'"%b"\r\n' % base64.b64encode(final))
    assert base64.b64decode((await guest.hears()).strip('"')).startswith(b"v=")
    await guest.says("""
        C: ""
        S: OK "logged in"
        C: CAPABILITY
        S: ...
        S: OK
        C: LISTSCRIPTS
        S: OK
        C: PUTSCRIPT "unnamed" {37+}
        C: #
        C: # Created on 24 November 2026
        C: #
        C:
        S: OK "the script can be used"
        C: CHECKSCRIPT {19+}
        C: keep;
        C: fileinto "a"
        S: NO "line 2, column 13: ..."
        C: NOOP
        S: OK "done"
        C: RENAMESCRIPT "unnamed" "spam & lists"
        S: OK "the script has its new name"
        C: SETACTIVE "spam & lists"
        S: OK "the script is active"
        C: SETACTIVE ""
        S: OK "no script is active"
        C: DELETESCRIPT "spam & lists"
        S: OK "the script is gone"
        C: LOGOUT
        S: OK "good-bye"
        """)
    await guest.hears_end()

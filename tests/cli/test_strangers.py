# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from tests.cli.terminal import Terminal
from tests.support import on_loop


@on_loop
async def test_an_organisation_has_its_own_wishes_for_mail_from_strangers(terminal: Terminal) -> None:
    await terminal.run("org add Example")
    await terminal.shows("""
        $ org strangers Example
        NAME     DMARC           BLOCK LISTS   ALLOW LISTS
        Example  reject (usual)  none (usual)  none (usual)
        $ org strangers Example --dmarc quarantine --block-lists bl.far.test,Other.test --allow-lists none
        NAME     DMARC       BLOCK LISTS             ALLOW LISTS
        Example  quarantine  bl.far.test other.test  none
        $ org strangers Example --dmarc usual --json
        {"name": "Example", "dmarc": "reject", "block_lists": ["bl.far.test", "other.test"], ...
        $ org strangers Example --block-lists usual --allow-lists usual --json
        {"name": "Example", "dmarc": "reject", "block_lists": [], "allow_lists": [], "own": []}
        $ org strangers Nobody
        ! ikserver: there is no organisation Nobody
        = 1
        $ org remove Example
    """)

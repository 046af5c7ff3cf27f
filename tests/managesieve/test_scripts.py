# SPDX-License-Identifier: GPL-3.0-or-later
"""Scripts are stored, listed, chosen, renamed and removed (RFC 5804, 2.5 to 2.12)."""

from __future__ import annotations

import pytest

from ikserver.model.scripts import Moment
from ikserver.store.api.scripts import MAX_SCRIPT_OCTETS, MAX_SCRIPTS
from sieve import Settings
from tests.managesieve.site import Site
from tests.support import on_loop


@on_loop
async def test_a_script_that_is_stored_comes_back_octet_for_octet(site: Site) -> None:
    client = await site.client()
    content = b"# \xe2\x9c\x89\r\nkeep;\r\n"
    client.sends(b'PUTSCRIPT "mysievescript" {%d+}\r\n%b\r\n' % (len(content), content))
    await client.says('S: OK "the script can be used"')
    client.sends(b'GETSCRIPT "mysievescript"\r\n')
    assert await client.hears() == f"{{{len(content)}}}"
    assert await client.hears_octets(len(content)) == content
    await client.says("S: \nS: OK")
    assert await (await site.scripts()).get("mysievescript") == content


@on_loop
async def test_putscript_tells_every_error_with_its_line_and_stores_nothing(site: Site) -> None:
    client = await site.client()
    await client.says("""
        C: Putscript "foo" {31+}
        C: #comment
        C: InvalidSieveCommand
        C:
        S: NO "line ..., column ...: ..."
        C: PUTSCRIPT "foo" "keep;"
        S: OK "the script can be used"
        C: PUTSCRIPT "foo" {44+}
        C: require "frob";
        C: keep "me";
        C: discrad;
        C: stop;
        C:
        S: NO {...}
        S: line 1, column 9: there is no extension 'frob' here
        S: line 2, column 6: ...
        S: line 3, column 1: there is no command 'discrad'...
        C: GETSCRIPT "foo"
        S: {5}
        S: keep;
        S: OK
        C: LISTSCRIPTS
        S: "foo"
        S: OK
        """)


@on_loop
async def test_checkscript_tells_the_same_and_stores_nothing(site: Site) -> None:
    client = await site.client()
    await client.says("""
        C: CheckScript "keep"
        S: NO "line 1, column ...: ..."
        C: CheckScript "keep;"
        S: OK "the script can be used"
        C: CHECKSCRIPT ""
        S: NO "the script is empty"
        C: PUTSCRIPT "a" {0+}
        C:
        S: NO "the script is empty"
        C: LISTSCRIPTS
        S: OK
        """)


@pytest.mark.parametrize("settings", [Settings(max_redirects=2)])
@on_loop
async def test_what_may_fail_later_is_a_warning(site: Site, settings: Settings) -> None:
    client = await site.client()
    redirects = "".join(f'redirect \\"{number}@example.net\\";' for number in range(3))
    await client.says(f"""
        C: CAPABILITY
        S: ...
        S: "MAXREDIRECTS" "2"
        S: ...
        S: OK
        C: PUTSCRIPT "myforwards" "{redirects}"
        S: OK (WARNINGS) "line 1, column ...: ..."
        C: LISTSCRIPTS
        S: "myforwards"
        S: OK
        """)


@on_loop
async def test_names_may_be_of_any_script(site: Site) -> None:
    client = await site.client()
    await client.says("""
        C: PUTSCRIPT "clever\\"script\\\\" "keep;"
        S: OK "the script can be used"
        C: PUTSCRIPT "Ferien/été 休暇" "keep;"
        S: OK "the script can be used"
        C: LISTSCRIPTS
        S: "Ferien/été 休暇"
        S: "clever\\"script\\\\"
        S: OK
        C: PUTSCRIPT "" "keep;"
        S: NO "the name of the script is empty"
        """)


@on_loop
async def test_one_script_is_active_or_none(site: Site) -> None:
    client = await site.client()
    await client.says("""
        C: SETACTIVE ""
        S: OK "no script is active"
        C: PUTSCRIPT "summer_script" "keep;"
        C: PUTSCRIPT "main_script" "keep;"
        C: SETACTIVE "main_script"
        C: LISTSCRIPTS
        S: OK "the script can be used"
        S: OK "the script can be used"
        S: OK "the script is active"
        S: "main_script" ACTIVE
        S: "summer_script"
        S: OK
        C: SETACTIVE "summer_script"
        S: OK "the script is active"
        C: SETACTIVE "baz"
        S: NO (NONEXISTENT) "there is no script baz"
        C: LISTSCRIPTS
        S: "main_script"
        S: "summer_script" ACTIVE
        S: OK
        C: PUTSCRIPT "summer_script" "discard;"
        S: OK "the script can be used"
        C: SETACTIVE ""
        S: OK "no script is active"
        C: LISTSCRIPTS
        S: "main_script"
        S: "summer_script"
        S: OK
        """)


@on_loop
async def test_a_script_that_has_errors_by_now_is_not_made_active(site: Site) -> None:
    await (await site.scripts()).put("old", b"kepe;")
    client = await site.client()
    await client.says("""
        C: SETACTIVE "old"
        S: NO "line 1, column 1: there is no command 'kepe'..."
        C: LISTSCRIPTS
        S: "old"
        S: OK
        """)


@on_loop
async def test_a_script_that_is_put_in_place_of_the_active_one_is_active(site: Site) -> None:
    client = await site.client()
    await client.says("""
        C: PUTSCRIPT "a" "keep;"
        C: SETACTIVE "a"
        C: PUTSCRIPT "a" "discard;"
        C: LISTSCRIPTS
        S: OK "the script can be used"
        S: OK "the script is active"
        S: OK "the script can be used"
        S: "a" ACTIVE
        S: OK
        """)
    active = await (await site.scripts()).active()
    assert active is not None
    assert active.content == b"discard;"


@on_loop
async def test_the_active_script_cannot_be_deleted(site: Site) -> None:
    client = await site.client()
    await client.says("""
        C: PUTSCRIPT "a" "keep;"
        C: SETACTIVE "a"
        S: OK "the script can be used"
        S: OK "the script is active"
        C: DELETESCRIPT "a"
        S: NO (ACTIVE) "the script a is active"
        C: SETACTIVE ""
        S: OK "no script is active"
        C: DELETESCRIPT "a"
        S: OK "the script is gone"
        C: DELETESCRIPT "a"
        S: NO (NONEXISTENT) "there is no script a"
        C: GETSCRIPT "a"
        S: NO (NONEXISTENT) "there is no script a"
        """)


@on_loop
async def test_a_script_that_is_renamed_stays_active(site: Site) -> None:
    client = await site.client()
    await client.says("""
        C: PUTSCRIPT "foo" "keep;"
        C: PUTSCRIPT "baz" "keep;"
        C: SETACTIVE "foo"
        S: OK "the script can be used"
        S: OK "the script can be used"
        S: OK "the script is active"
        C: RENAMESCRIPT "foo" "bar"
        S: OK "the script has its new name"
        C: RENAMESCRIPT "baz" "bar"
        S: NO (ALREADYEXISTS) "there is a script bar already"
        C: RENAMESCRIPT "foo" "other"
        S: NO (NONEXISTENT) "there is no script foo"
        C: LISTSCRIPTS
        S: "bar" ACTIVE
        S: "baz"
        S: OK
        """)


@on_loop
async def test_havespace_knows_the_limits(site: Site) -> None:
    client = await site.client()
    await client.says(f"""
        C: HAVESPACE "foobar" 435
        S: OK "there is room"
        C: HAVESPACE "foobar" {MAX_SCRIPT_OCTETS}
        S: OK "there is room"
        C: HAVESPACE "foobar" {MAX_SCRIPT_OCTETS + 1}
        S: NO (QUOTA/MAXSIZE) "..."
        C: HAVESPACE "foobar" 18446744073709551615
        S: NO (QUOTA/MAXSIZE) "..."
        """)
    scripts = await site.scripts()
    for number in range(MAX_SCRIPTS):
        await scripts.put(f"s{number}", b"keep;")
    await client.says("""
        C: HAVESPACE "s0" 435
        S: OK "there is room"
        C: HAVESPACE "foobar" 435
        S: NO (QUOTA/MAXSCRIPTS) "..."
        C: PUTSCRIPT "foobar" "keep;"
        S: NO (QUOTA/MAXSCRIPTS) "..."
        """)


@on_loop
async def test_the_largest_script_is_taken_and_a_larger_one_is_not(site: Site) -> None:
    client = await site.client()
    for size, heard in (
        (MAX_SCRIPT_OCTETS, 'OK "the script can be used"'),
        (MAX_SCRIPT_OCTETS + 1, "NO (QUOTA/MAXSIZE) ..."),
        (4 * MAX_SCRIPT_OCTETS, "NO (QUOTA/MAXSIZE) ..."),
    ):
        content = b"#" * (size - 2) + b"\r\n"
        client.sends(b'PUTSCRIPT "large" {%d+}\r\n%b\r\nNOOP\r\n' % (size, content))
        await client.says(f'S: {heard}\nS: OK "done"')


@on_loop
async def test_scripts_of_the_account_and_of_its_organisation_can_be_included(site: Site) -> None:
    await site.global_scripts.put(site.organisation, "lists", b"keep;", Moment.INCLUDED)
    client = await site.client()
    await client.says("""
        C: PUTSCRIPT "mine" "keep;"
        S: OK "the script can be used"
        C: CHECKSCRIPT "require \\"include\\"; include \\"mine\\"; include :global \\"lists\\";"
        S: OK "the script can be used"
        C: CHECKSCRIPT "require \\"include\\"; include \\"theirs\\";"
        S: NO "line 1, column ...: ..."
        """)


@on_loop
async def test_many_commands_at_once_are_answered_in_their_order(site: Site) -> None:
    client = await site.client()
    content = b"#" * 50_000 + b"\n"
    await (await site.scripts()).put("a", content)
    client.sends(b'GETSCRIPT "a"\r\nNOOP "x"\r\n' * 100)
    for _ in range(100):
        assert await client.hears() == "{50001}"
        assert await client.hears_octets(50_001) == content
        await client.says('S: \nS: OK\nS: OK (TAG "x") "done"')


@on_loop
async def test_what_one_session_stores_another_one_sees(site: Site) -> None:
    one, other = await site.client(), await site.client()
    await one.says('C: PUTSCRIPT "a" "keep;"\nS: OK "the script can be used"')
    await other.says('C: LISTSCRIPTS\nS: "a"\nS: OK')

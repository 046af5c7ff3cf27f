# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is let in: with real argon2id, real SCRAM exchanges and real device passwords."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from stat import S_IMODE

import pytest

from ikserver.accounts.api import Login, LoginDisabled, LoginLocked, LoginRefused
from ikserver.accounts.authenticator import PasswordAuthenticator
from ikserver.accounts.devices import DeviceKey, add_device_password, new_device_password, revoke_device_password
from ikserver.accounts.lifecycle import set_password, set_state
from ikserver.accounts.passwords import Passwords
from ikserver.accounts.throttle import LoginLimits, Throttle
from ikserver.accounts.verified import VerifiedPasswords
from ikserver.changes import Changes
from ikserver.model.account import Account, Scope, State
from ikserver.model.changes import Hint, Revoked
from ikserver.store.api.directory import Directory
from tests.accounts.conftest import CHEAP, Clock
from tests.accounts.scram_client import log_in
from tests.accounts.world import SALT, populate
from tests.support import on_loop, wait

HOME = "192.0.2.1"


@pytest.fixture
def key(tmp_path: Path) -> DeviceKey:
    return DeviceKey.load(tmp_path / "keys")


@pytest.fixture
def authenticator(
    directory: Directory, passwords: Passwords, key: DeviceKey, clock: Clock
) -> Iterator[PasswordAuthenticator]:
    authenticator = PasswordAuthenticator(directory, passwords, key, Throttle(LoginLimits(), clock), clock)
    yield authenticator
    wait(authenticator.close())


@pytest.fixture
def alice(directory: Directory, passwords: Passwords) -> Account:
    async def make() -> Account:
        account = (await populate(directory, "alice"))["alice"]
        await set_password(directory, passwords, Changes(), "alice@a.test", "open sesame")
        return account

    return wait(make())


@on_loop
async def test_the_right_password_lets_in_by_address_or_alias(
    directory: Directory, authenticator: PasswordAuthenticator, alice: Account
) -> None:
    await directory.addresses.add_alias("info@a.test", alice.id)
    for user in ("alice@a.test", "Alice@A.TEST", "info@a.test"):
        assert await authenticator.password(user, "open sesame", HOME) == Login(alice.id, "alice@a.test"), user


@on_loop
async def test_wrong_passwords_and_wrong_users_get_the_same_answer(
    authenticator: PasswordAuthenticator, directory: Directory, alice: Account
) -> None:
    await directory.accounts.add("new@a.test", "", SALT)
    answers = set()
    for user in ("alice@a.test", "nobody@a.test", "new@a.test", "alice", ""):
        with pytest.raises(LoginRefused) as refusal:
            await authenticator.password(user, "wrong", HOME)
        answers.add((type(refusal.value), str(refusal.value)))
    assert len(answers) == 1


@on_loop
async def test_an_unknown_user_costs_a_real_verification(
    authenticator: PasswordAuthenticator, passwords: Passwords, alice: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    verified = []
    verify = passwords.verify

    async def counting(stored: str | None, password: str) -> bool:
        verified.append(stored is None)
        return await verify(stored, password)

    monkeypatch.setattr(passwords, "verify", counting)
    for user in ("alice@a.test", "nobody@a.test"):
        with pytest.raises(LoginRefused):
            await authenticator.password(user, "wrong", HOME)
    assert verified == [False, True]


@on_loop
async def test_a_right_password_is_remembered_until_it_is_changed(
    directory: Directory,
    authenticator: PasswordAuthenticator,
    passwords: Passwords,
    alice: Account,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    calls = []
    verify = passwords.verify

    async def counting(stored: str | None, password: str) -> bool:
        calls.append(password)
        return await verify(stored, password)

    monkeypatch.setattr(passwords, "verify", counting)
    # Of five connections at once from one client the first verifies, and the others find it done.
    await asyncio.gather(*[authenticator.password("alice@a.test", "open sesame", HOME) for _ in range(5)])
    await authenticator.password("alice@a.test", "open sesame", HOME)
    assert calls == ["open sesame"]
    await set_password(directory, passwords, Changes(), "alice@a.test", "shut sesame")
    with pytest.raises(LoginRefused):
        await authenticator.password("alice@a.test", "open sesame", HOME)
    assert calls == ["open sesame", "open sesame"]


@on_loop
async def test_a_remembered_password_is_checked_again_after_ten_minutes(
    passwords: Passwords, threads: ThreadPoolExecutor, clock: Clock
) -> None:
    verified = VerifiedPasswords(passwords, 600, clock)
    stored = await passwords.hash("open sesame")
    assert await verified.check("alice@a.test", stored, "open sesame")
    # What is remembered is found without a thread; what is not, with one that is gone.
    threads.shutdown()
    clock.now += 599
    assert await verified.check("alice@a.test", stored, "open sesame")
    clock.now += 2
    with pytest.raises(RuntimeError):
        await verified.check("alice@a.test", stored, "open sesame")


@on_loop
async def test_an_account_that_is_not_active_lets_nobody_in_and_says_so_only_to_its_owner(
    directory: Directory, authenticator: PasswordAuthenticator, alice: Account
) -> None:
    heard: list[Hint] = []
    changes = Changes()
    changes.subscribe(alice.id, heard.append)
    await set_state(directory, changes, alice, State.SUSPENDED)
    assert heard == [Revoked(alice.id)]
    with pytest.raises(LoginDisabled):
        await authenticator.password("alice@a.test", "open sesame", HOME)
    with pytest.raises(LoginRefused) as refusal:
        await authenticator.password("alice@a.test", "wrong", HOME)
    assert not isinstance(refusal.value, LoginDisabled)


@on_loop
async def test_scram_lets_in_and_refuses(authenticator: PasswordAuthenticator, alice: Account) -> None:
    assert await log_in(authenticator, "alice@a.test", "open sesame") == Login(alice.id, "alice@a.test")
    with pytest.raises(LoginRefused):
        await log_in(authenticator, "alice@a.test", "wrong")
    with pytest.raises(LoginRefused):
        await log_in(authenticator, "nobody@a.test", "open sesame")


@on_loop
async def test_scram_invents_a_salt_for_an_unknown_user_and_stays_with_it(
    authenticator: PasswordAuthenticator, alice: Account
) -> None:
    real = await authenticator.scram("alice@a.test", HOME)
    invented = [await authenticator.scram("nobody@a.test", HOME) for _ in range(2)]
    assert invented[0].salt == invented[1].salt
    assert invented[0].salt != (await authenticator.scram("somebody@a.test", HOME)).salt
    assert (len(invented[0].salt), invented[0].iterations) == (len(real.salt), real.iterations)


@on_loop
async def test_with_scram_off_no_keys_are_used_and_a_login_erases_them(
    directory: Directory, key: DeviceKey, alice: Account, threads: ThreadPoolExecutor, passwords: Passwords
) -> None:
    without = PasswordAuthenticator(
        directory, Passwords(replace(CHEAP, scram=False), threads), key, Throttle(LoginLimits())
    )
    with pytest.raises(LoginRefused):
        await log_in(without, "alice@a.test", "open sesame")
    assert await without.password("alice@a.test", "open sesame", HOME)
    await without.close()
    credentials = await directory.accounts.credentials("alice@a.test")
    assert credentials is not None
    assert credentials.keys is None
    # Switched on again, the next login with the password makes them anew.
    with_scram = PasswordAuthenticator(directory, passwords, key, Throttle(LoginLimits()))
    assert await with_scram.password("alice@a.test", "open sesame", HOME)
    await with_scram.close()
    assert await log_in(with_scram, "alice@a.test", "open sesame")


@on_loop
async def test_a_password_typed_in_another_form_of_the_same_letters_fits(
    directory: Directory, authenticator: PasswordAuthenticator, passwords: Passwords, alice: Account
) -> None:
    await set_password(directory, passwords, Changes(), "alice@a.test", "café 😀")
    assert await authenticator.password("alice@a.test", "café 😀", HOME)
    await set_password(directory, passwords, Changes(), "alice@a.test", "cafe\u0301")
    assert await authenticator.password("alice@a.test", "caf\u00e9", HOME)
    assert await log_in(authenticator, "alice@a.test", "caf\u00e9")


@on_loop
async def test_a_device_password_lets_in_until_it_is_revoked(
    directory: Directory, authenticator: PasswordAuthenticator, passwords: Passwords, key: DeviceKey, alice: Account
) -> None:
    """DEV-01: revoking one ends its live sessions, others live on."""
    phone = await add_device_password(directory, passwords, key, "alice@a.test", "phone")
    laptop = await add_device_password(directory, passwords, key, "alice@a.test", "laptop")
    as_typed = phone.replace("-", " ").upper()
    login = await authenticator.password("alice@a.test", as_typed, HOME)
    assert login.device is not None
    assert await log_in(authenticator, "alice@a.test", phone) == login
    heard: list[Hint] = []
    changes = Changes()
    changes.subscribe(alice.id, heard.append)
    await revoke_device_password(directory, changes, alice.id, "phone")
    assert heard == [Revoked(alice.id, login.device)]
    with pytest.raises(LoginRefused):
        await authenticator.password("alice@a.test", phone, HOME)
    with pytest.raises(LoginRefused):
        await log_in(authenticator, "alice@a.test", phone)
    assert (await authenticator.password("alice@a.test", laptop, HOME)).device not in (None, login.device)


@on_loop
async def test_a_device_password_opens_only_what_it_is_for(
    directory: Directory, authenticator: PasswordAuthenticator, passwords: Passwords, key: DeviceKey, alice: Account
) -> None:
    dav = frozenset({Scope.DAV})
    password = await add_device_password(directory, passwords, key, "alice@a.test", "calendar", scopes=dav)
    assert await authenticator.password("alice@a.test", password, HOME, Scope.DAV)
    assert await log_in(authenticator, "alice@a.test", password, Scope.DAV)
    with pytest.raises(LoginRefused):
        await authenticator.password("alice@a.test", password, HOME)
    with pytest.raises(LoginRefused):
        await log_in(authenticator, "alice@a.test", password)


@on_loop
async def test_the_last_use_of_a_device_password_is_kept_to_the_hour(
    directory: Directory,
    authenticator: PasswordAuthenticator,
    passwords: Passwords,
    key: DeviceKey,
    alice: Account,
    clock: Clock,
) -> None:
    password = await add_device_password(directory, passwords, key, "alice@a.test", "phone")
    seen = []
    generation = directory.generation()
    for _ in range(3):
        await authenticator.password("alice@a.test", password, HOME)
        await authenticator.close()
        seen += [device.last_used for device in await directory.devices.list(alice.id)]
        clock.now += 1801
    assert seen == [1_000_000, 1_000_000, 1_003_602]
    # Nobody has to forget routes for it.
    assert directory.generation() == generation


@on_loop
async def test_a_hash_of_other_costs_is_renewed_at_the_next_login(
    directory: Directory, key: DeviceKey, alice: Account, threads: ThreadPoolExecutor
) -> None:
    dearer = Passwords(replace(CHEAP, time=2), threads)
    authenticator = PasswordAuthenticator(directory, dearer, key, Throttle(LoginLimits()))
    await authenticator.password("alice@a.test", "open sesame", HOME)
    await authenticator.close()
    credentials = await directory.accounts.credentials("alice@a.test")
    assert credentials is not None
    assert ",t=2," in (credentials.password or "")
    assert await authenticator.password("alice@a.test", "open sesame", HOME)
    assert await log_in(authenticator, "alice@a.test", "open sesame")


@on_loop
async def test_guesses_that_come_all_at_once_are_stopped_after_the_free_ones(
    authenticator: PasswordAuthenticator, alice: Account
) -> None:
    guesses = [authenticator.password("alice@a.test", f"guess {n}", HOME) for n in range(20)]
    refusals = [type(refusal) for refusal in await asyncio.gather(*guesses, return_exceptions=True)]
    assert refusals == [LoginRefused] * 5 + [LoginLocked] * 15


@on_loop
async def test_a_password_that_is_changed_while_it_is_checked_does_not_let_in(
    directory: Directory,
    authenticator: PasswordAuthenticator,
    passwords: Passwords,
    alice: Account,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    verify = passwords.verify

    async def verify_and_change(stored: str | None, password: str) -> bool:
        right = await verify(stored, password)
        await directory.accounts.set_password(alice.id, "another hash", None)
        return right

    monkeypatch.setattr(passwords, "verify", verify_and_change)
    with pytest.raises(LoginRefused):
        await authenticator.password("alice@a.test", "open sesame", HOME)


@on_loop
async def test_a_device_that_is_revoked_during_an_exchange_does_not_get_in(
    directory: Directory, authenticator: PasswordAuthenticator, passwords: Passwords, key: DeviceKey, alice: Account
) -> None:
    phone = await add_device_password(directory, passwords, key, "alice@a.test", "phone")

    async def revoke() -> None:
        await revoke_device_password(directory, Changes(), alice.id, "phone")

    with pytest.raises(LoginRefused):
        await log_in(authenticator, "alice@a.test", phone, meanwhile=revoke)


@on_loop
async def test_guessing_is_answered_with_pauses_that_double(
    authenticator: PasswordAuthenticator, alice: Account, clock: Clock
) -> None:
    for n in range(5):
        with pytest.raises(LoginRefused):
            await authenticator.password("alice@a.test", f"guess {n}", HOME)
    with pytest.raises(LoginLocked) as locked:
        await authenticator.password("alice@a.test", "open sesame", HOME)
    assert locked.value.seconds == 1
    with pytest.raises(LoginLocked):
        await authenticator.scram("alice@a.test", HOME)
    clock.now += 1
    with pytest.raises(LoginRefused):
        await log_in(authenticator, "alice@a.test", "guess 6", peer=HOME)
    with pytest.raises(LoginLocked) as locked:
        await authenticator.password("alice@a.test", "open sesame", HOME)
    assert locked.value.seconds == 2
    clock.now += 2
    assert await authenticator.password("alice@a.test", "open sesame", HOME)


def test_the_key_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    password = new_device_password()
    digest = DeviceKey.load(tmp_path / "keys").digest(password)
    assert DeviceKey.load(tmp_path / "keys").digest(password) == digest
    assert DeviceKey.load(tmp_path / "other").digest(password) != digest
    assert S_IMODE((tmp_path / "keys" / "device.key").stat().st_mode) == 0o600
    assert S_IMODE((tmp_path / "keys").stat().st_mode) == 0o700
    assert [path.name for path in (tmp_path / "keys").iterdir()] == ["device.key"]


def test_a_device_password_is_random_and_easy_to_type(tmp_path: Path) -> None:
    key = DeviceKey.load(tmp_path)
    password = new_device_password()
    assert [len(group) for group in password.split("-")] == [5, 5, 5, 5, 6]
    assert new_device_password() != password
    assert key.digest("0" * 13 + "1" * 13) == key.digest("O" * 13 + "lI" * 6 + "l")
    assert key.digest("open sesame") is None


@on_loop
async def test_a_device_password_is_let_in_while_others_guess(
    directory: Directory, authenticator: PasswordAuthenticator, passwords: Passwords, key: DeviceKey, alice: Account
) -> None:
    phone = await add_device_password(directory, passwords, key, "alice@a.test", "phone")
    for n in range(25):
        with pytest.raises(LoginRefused):
            await authenticator.password("alice@a.test", f"guess {n}", f"198.51.{n}.1")
    with pytest.raises(LoginLocked):
        await authenticator.password("alice@a.test", "open sesame", HOME)
    assert await authenticator.password("alice@a.test", phone, HOME)


@on_loop
async def test_the_same_wrong_password_is_not_hashed_again(
    directory: Directory,
    authenticator: PasswordAuthenticator,
    passwords: Passwords,
    alice: Account,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    calls = []
    verify = passwords.verify

    async def counting(stored: str | None, password: str) -> bool:
        calls.append(stored is None)
        return await verify(stored, password)

    monkeypatch.setattr(passwords, "verify", counting)
    for _ in range(10):
        # Another user who does not exist is not answered faster for what the first one tried.
        for user in ("alice@a.test", "nobody@a.test", "neither@a.test"):
            with pytest.raises(LoginRefused):
                await authenticator.password(user, "shut sesame", HOME)
    assert calls == [False, True, True]
    await set_password(directory, passwords, Changes(), "alice@a.test", "shut sesame")
    assert await authenticator.password("alice@a.test", "shut sesame", HOME)


@on_loop
async def test_one_client_does_not_keep_the_others_waiting(
    authenticator: PasswordAuthenticator, passwords: Passwords, alice: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    verify = passwords.verify
    under_way = [0]

    async def counting(stored: str | None, password: str) -> bool:
        under_way.append(under_way[-1] + 1)
        right = await verify(stored, password)
        under_way.append(under_way[-1] - 1)
        return right

    monkeypatch.setattr(passwords, "verify", counting)
    guesses = [authenticator.password(f"user{n}@a.test", "guess", "198.51.100.1") for n in range(20)]
    await asyncio.gather(*guesses, return_exceptions=True)
    assert max(under_way) == 1


@on_loop
async def test_other_iterations_of_scram_count_from_the_next_login_with_the_password(
    directory: Directory, passwords: Passwords, key: DeviceKey, alice: Account, threads: ThreadPoolExecutor
) -> None:
    dearer = Passwords(replace(CHEAP, iterations=5000), threads)
    authenticator = PasswordAuthenticator(directory, dearer, key, Throttle(LoginLimits()))

    async def iterations() -> int:
        assert await authenticator.password("alice@a.test", "open sesame", HOME)
        await authenticator.close()
        assert await log_in(authenticator, "alice@a.test", "open sesame")
        return (await authenticator.scram("alice@a.test", HOME)).iterations

    phone = await add_device_password(directory, passwords, key, "alice@a.test", "phone")
    # Nobody can hash the phone's password anew, so its salt stays for as long as it lives.
    assert await iterations() == CHEAP.iterations
    assert await log_in(authenticator, "alice@a.test", phone)
    await revoke_device_password(directory, Changes(), alice.id, "phone")
    assert await iterations() == 5000

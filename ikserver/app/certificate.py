# SPDX-License-Identifier: GPL-3.0-or-later
"""Which certificate the server shows: the operator's, or one of its own authority."""

from __future__ import annotations

import socket
from pathlib import Path

from ikserver.listeners.certificates import Material, ensure
from ikserver.listeners.tls import CertificateFiles
from ikserver.settings import Settings, SettingsError

DIRECTORY = "tls"


def certificate_files(settings: Settings) -> CertificateFiles:
    """The files that the settings name; the server's own are made, or renewed, when need be.

    Raises SettingsError, OSError, ValueError, ssl.SSLError.
    """
    certificate, key = certificate_paths(settings)
    if settings.tls.certificate is None:
        own_certificate(settings.data, [settings.hostname or socket.getfqdn()])
    return CertificateFiles(certificate, key, further_paths(settings))


def certificate_paths(settings: Settings) -> tuple[Path, Path]:
    """Certificate and key, which may not be there yet. Raises SettingsError."""
    certificate, key = settings.tls.certificate, settings.tls.key
    if (certificate is None) != (key is None):
        raise SettingsError("tls.certificate and tls.key belong together: set both or neither")
    if certificate is None or key is None:
        own = Material.in_directory(settings.data / DIRECTORY)
        return own.certificate, own.key
    return certificate, key


def further_paths(settings: Settings) -> list[tuple[Path, Path]]:
    """Certificates and keys for other names, called as ACME clients call them."""
    return [(folder / "fullchain.pem", folder / "privkey.pem") for folder in settings.tls.folders]


def own_certificate(data: Path, names: list[str]) -> Material:
    """Files in DATA/tls, made when they are missing or lack one of `names`."""
    return ensure(data / DIRECTORY, names)

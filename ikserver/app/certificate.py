# SPDX-License-Identifier: GPL-3.0-or-later
"""Which certificate the server shows: the operator's, or one of its own authority."""

from __future__ import annotations

import socket
from pathlib import Path

from ikserver.listeners.certificates import Material, ensure
from ikserver.listeners.tls import CertificateFiles
from ikserver.settings import Settings, SettingsError


def certificate_files(settings: Settings) -> CertificateFiles:
    """The pair of files that the settings name. Raises SettingsError, OSError, ssl.SSLError."""
    certificate, key = settings.tls.certificate, settings.tls.key
    if (certificate is None) != (key is None):
        raise SettingsError("tls.certificate and tls.key belong together: set both or neither")
    if certificate is None or key is None:
        own = own_certificate(settings.data, [settings.hostname or socket.getfqdn()])
        certificate, key = own.certificate, own.key
    return CertificateFiles(certificate, key)


def certificate_path(settings: Settings) -> Path:
    """The certificate that is, or will be, shown."""
    return settings.tls.certificate or settings.data / "tls" / "certificate.pem"


def own_certificate(data: Path, names: list[str]) -> Material:
    """Files in DATA/tls, made when they are missing or lack one of `names`."""
    return ensure(data / "tls", names)

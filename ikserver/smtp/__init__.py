# SPDX-License-Identifier: GPL-3.0-or-later
"""SMTP, submission and LMTP: from a socket's octets to a message that delivery accepts.

Reading order: `conversation.py` and `mailing.py` (the verbs), `engine.py` (aiosmtpd's loop below them, its faults
replaced), `wire.py` and `watch.py` (octets and time), `intake.py` and `spool.py` (the body), `acceptance.py` (the
answer to it), `role.py` and `mx.py`, `submission.py`, `lmtp.py` (who may send what).

    SmtpListener(
        bind(host, port),                   # listeners.tcp
        role=Mx() | Submission() | Lmtp(),  # ikserver.smtp.mx, .submission, .lmtp
        tls=context, implicit_tls=False,    # STARTTLS; with implicit_tls TLS comes first
        plaintext_login=False,              # AUTH without TLS, from loopback only
        backend=SmtpBackend(...), limits=SmtpLimits(...),    # ikserver.smtp.limits
        connections=ConnectionLimits(...),  # listeners.limits
    )

Invariants: only <CR><LF>.<CR><LF> ends a body; nothing is answered 250 before it is durable; a body is bounded in
memory (`SmtpLimits.memory`) whatever its size; every reply but greetings has an enhanced code.
"""

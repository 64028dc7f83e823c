"""Puts files into a folder of an SFTP account; `gateway.transports.polled` has the rules."""

from __future__ import annotations

from gateway.clock import Clock, utc_now
from gateway.partners.connections import QuietWindow, Send
from gateway.transports.polled import outbound
from gateway.transports.sftp.connection import Connection
from gateway.transports.sftp.files import SftpFiles


class Outbound(outbound.Outbound):
    """One folder of an SFTP account, in a session of its own on the account's connection."""

    def __init__(
        self,
        connection: Connection,
        send: Send,
        *,
        quiet: tuple[QuietWindow, ...] = (),
        clock: Clock = utc_now,
    ) -> None:
        super().__init__(
            SftpFiles(connection), send, shown=connection.shown, quiet=quiet, clock=clock
        )

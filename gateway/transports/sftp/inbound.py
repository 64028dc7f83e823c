"""Picks up what lies in a folder of an SFTP account; `gateway.transports.polled` has the rules."""

from __future__ import annotations

from gateway.clock import Clock, utc_now
from gateway.pipeline.polling_port import FolderMemory
from gateway.transports.polled import inbound
from gateway.transports.polled.box import Place
from gateway.transports.polled.names import PollRules
from gateway.transports.sftp.connection import Connection
from gateway.transports.sftp.files import SftpFiles


class Inbound(inbound.Inbound):
    """One folder of an SFTP account, in a session of its own on the account's connection."""

    def __init__(
        self,
        connection: Connection,
        memory: FolderMemory,
        rules: PollRules,
        *,
        partner: str,
        clock: Clock = utc_now,
    ) -> None:
        pick_up = rules.pick_up
        where = Place(partner, pick_up.connection, pick_up.folder, "sftp")
        super().__init__(SftpFiles(connection), memory, rules, where, clock=clock)

"""How we reach a partner: connections by name, what is picked up through them, what is sent.

Each kind of connection has its own file; `type` says which one a mapping is. More kinds join the
union here.
"""

from gateway.partners.connections.pick_up import PickUp, Send, named_after
from gateway.partners.connections.quiet import QuietWindow, quiet_until
from gateway.partners.connections.sftp import SftpConnection

Connection = SftpConnection
"""Every kind of connection."""

__all__ = [
    "Connection",
    "PickUp",
    "QuietWindow",
    "Send",
    "SftpConnection",
    "named_after",
    "quiet_until",
]

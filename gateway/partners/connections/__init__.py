"""How we reach a partner: connections by name, what is picked up through them, what is sent.

Each kind of connection has its own file; `type` says which one a mapping is. More kinds join the
union here.
"""

from typing import Annotated

from pydantic import Field

from gateway.partners.connections.as2 import As2Connection
from gateway.partners.connections.ftps import FtpsConnection
from gateway.partners.connections.http import HttpConnection
from gateway.partners.connections.pick_up import PickUp, Send, named_after
from gateway.partners.connections.quiet import QuietWindow, quiet_until
from gateway.partners.connections.s3 import S3Connection
from gateway.partners.connections.sftp import SftpConnection

Connection = Annotated[
    SftpConnection | FtpsConnection | S3Connection | As2Connection | HttpConnection,
    Field(discriminator="type"),
]
"""Every kind of connection."""

__all__ = [
    "As2Connection",
    "Connection",
    "FtpsConnection",
    "HttpConnection",
    "PickUp",
    "QuietWindow",
    "S3Connection",
    "Send",
    "SftpConnection",
    "named_after",
    "quiet_until",
]

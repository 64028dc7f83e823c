"""Configuration of an instance: its files, read and checked as a whole.

`load(home)` returns an `Instance` or raises `ConfigProblems` with every problem of every file.
"""

from gateway.config.destinations import HttpDestination
from gateway.config.instance import Instance
from gateway.config.load import InstanceMissing, load
from gateway.config.settings import GatewaySettings, OurIdentity
from gateway.secrets import SecretMissing, Template, Vault

__all__ = [
    "GatewaySettings",
    "HttpDestination",
    "Instance",
    "InstanceMissing",
    "OurIdentity",
    "SecretMissing",
    "Template",
    "Vault",
    "load",
]

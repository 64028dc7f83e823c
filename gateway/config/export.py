"""JSON Schemas of the configuration files, so that editors complete and check them.

An editor reads YAML by its own rules, where `30` is a number and `01` is 1; the gateway reads text
and lets the setting decide. The schemas ask for quotes where a leading zero counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import orjson
from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema

from gateway.config.connectors import Connector
from gateway.config.exports import ExportFile
from gateway.config.guide_file import GuideFile
from gateway.config.next_documents import RoutesFile
from gateway.config.settings import GatewaySettings
from gateway.partners import Partner
from gateway.partners.kinds import written_duration
from gateway.secrets import Template

FILES: Mapping[str, type[BaseModel]] = {
    "gateway": GatewaySettings,
    "partner": Partner,
    "routes": RoutesFile,
    "connector": Connector,
    "export": ExportFile,
    "guide": GuideFile,
}
"""Kind of file to its model."""


class _ForEditors(GenerateJsonSchema):
    """Leaves out titles that only repeat a name, and writes durations as people do."""

    def field_title_should_be_set(self, schema: object) -> bool:
        """Say that no setting has a title."""
        return False

    def encode_default(self, dft: object) -> object:
        """Return a default as it would stand in the file."""
        if isinstance(dft, timedelta):
            return written_duration(dft)
        if isinstance(dft, Template):
            return dft.text
        return super().encode_default(dft)


def schema_file_name(kind: str) -> str:
    """Name the file that holds the JSON Schema of a kind of file, below `schemas/config`."""
    return f"{kind}.schema.json"


def schema_file(kind: str) -> bytes:
    """Write the JSON Schema of a kind of file as people read it: indented, a newline at the end."""
    schema = FILES[kind].model_json_schema(schema_generator=_ForEditors)
    dialect = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    return orjson.dumps(dialect | schema, option=orjson.OPT_INDENT_2) + b"\n"

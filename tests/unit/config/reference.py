"""Writes the reference part of docs/configuration.md from the models."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from gateway.config.export import FILES, schema_file

Node = dict[str, Any]
"""A part of a JSON Schema."""

_TITLES = {
    "gateway": "gateway.yaml",
    "partner": "partners/*.yaml",
    "routes": "routes.yaml",
    "connector": "connectors/*/connector.yaml",
    "export": "exports/*.yaml",
    "guide": "partners/<partner>/guides/*.yaml",
}
_WORDS = {
    "Identity": "identities[]",
    "OurIdentity": "identities[]",
    "InstanceFolders": "folders",
    "Folders": "folders",
    "HttpDestination": "destinations.<name>, type: http",
    "ODataDestination": "destinations.<name>, type: odata",
    "JsonRpcDestination": "destinations.<name>, type: json_rpc",
    "XmlRpcDestination": "destinations.<name>, type: xml_rpc",
    "SoapDestination": "destinations.<name>, type: soap",
    "IDocDestination": "destinations.<name>, type: idoc",
    "WebhookDestination": "destinations.<name>, type: webhook",
    "FileDestination": "destinations.<name>, type: file",
    "Append": "destinations.<name>.append",
    "CsvForm": "destinations.<name>.csv",
    "TableDestination": "destinations.<name>, type: table",
    "ChildRows": "destinations.<name>.children[]",
    "EventsDestination": "destinations.<name>, type: events",
    "BrokerLogin": "destinations.<name>.login",
    "AnswerRule": "destinations.<name>.answers[]",
    "LookUp": "destinations.<name>.look_up",
    "RateLimit": "destinations.<name>.rate",
    "Hours": "destinations.<name>.hours",
    "StepsDestination": "destinations.<name>, type: steps",
    "Step": "destinations.<name>.steps[]",
    "Fact": "destinations.<name>.facts.<name>",
    "Also": "source.also.<name>",
    "Shaping": "shape",
    "BearerAuth": "auth, type: bearer",
    "BasicAuth": "auth, type: basic",
    "HeaderAuth": "auth, type: header",
    "QueryAuth": "auth, type: query",
    "OAuth2Auth": "auth, type: oauth2",
    "HmacAuth": "auth, type: hmac",
    "ClientTls": "tls",
    "AcknowledgmentPolicy": "acknowledgment",
    "AcknowledgmentEnvelope": "acknowledgment.envelope",
    "PartyOverride": "acknowledgment.envelope.sender, receiver",
    "FindingRule": "findings[]",
    "OutgoingDelimiters": "delimiters",
    "ControlNumbers": "control_numbers",
    "Agreement": "agreements[]",
    "Batch": "agreements[].batch, acknowledgment.batch",
    "ExpectedAcknowledgment": "agreements[].expect",
    "ExpectedTraffic": "agreements[].expect_traffic",
    "Duplicates": "agreements[].duplicates",
    "PartnerDuplicates": "duplicates",
    "Contact": "contacts[]",
    "SftpConnection": "connections.<name>, type: sftp",
    "As2Connection": "connections.<name>, type: as2",
    "As2Certificate": "connections.<name>.certificates[]",
    "As2": "as2",
    "As2Key": "as2.keys[]",
    "ApiLimits": "api.limits",
    "SftpServer": "sftp_server",
    "DropBox": "drop_box",
    "FtpsConnection": "connections.<name>, type: ftps",
    "HttpAccess": "http",
    "HttpConnection": "connections.<name>, type: http",
    "S3Connection": "connections.<name>, type: s3",
    "QuietWindow": "quiet[]",
    "PickUp": "pick_up[]",
    "Send": "send",
    "HttpCall": "alerts.webhook",
    "Mail": "alerts.mail",
    "ScheduleSettings": "schedule",
    "CursorSettings": "cursor",
    "DocumentSettings": "document",
    "PartnerSettings": "partner",
    "RunLimits": "limits",
    "DoneSettings": "done",
    "RestSource": "source, type: rest",
    "ODataSource": "source, type: odata",
    "SqlSource": "source, type: sql",
    "FolderSource": "source, type: folder",
    "RpcSource": "source, type: json_rpc or xml_rpc",
    "CursorPaging": "source.paging, type: cursor",
    "LinkPaging": "source.paging, type: next_link",
    "PagePaging": "source.paging, type: page",
    "OffsetPaging": "source.paging, type: offset",
    "Rule": "rules[]",
    "NextDocument": "next[]",
    "FieldCondition": "when.fields.<path>",
    "GuidePlace": "places.<place>",
    "GuideBalance": "balance.<rule>",
    "GuideExample": "examples[]",
}


def written() -> str:
    """Return the tables of every kind of file; a part that several share stands at the first."""
    told: set[str] = set()
    return "\n".join(line for kind in FILES for line in _file(kind, told))


def _file(kind: str, told: set[str]) -> Iterator[str]:
    schema = json.loads(schema_file(kind))
    yield f"### {_TITLES[kind]}\n"
    yield from _table(schema)
    for name, node in schema.get("$defs", {}).items():
        if _object(node).get("properties") and name not in told:
            told.add(name)
            yield f"#### `{_heading(name)}`\n"
            yield _flat(_object(node)["description"]) + "\n"
            yield from _table(_object(node))


def _heading(name: str) -> str:
    """Return where a part stands in a file; the name of its class tells a reader nothing."""
    assert name in _WORDS or name.istitle(), f"say in _WORDS where {name} stands"
    return _WORDS.get(name, name.lower())


def _object(node: Node) -> Node:
    """Return the form of a node that is a mapping."""
    forms = node.get("anyOf", [node])
    return next((form for form in forms if "properties" in form), {})


def _table(node: Node) -> Iterator[str]:
    yield "| setting | default | |\n|---|---|---|"
    required = node.get("required", [])
    for name, setting in node["properties"].items():
        text = _flat(setting.get("description", "")) + _choices(setting)
        yield f"| `{name}` | {_default(setting, name in required)} | {text} |"
    yield ""


def _default(setting: Node, required: object) -> str:
    if required:
        return "required"
    default = setting.get("default")
    if default in (None, [], {}, ""):
        return ""
    if isinstance(default, dict):
        return "see below"
    if isinstance(default, list):
        return ", ".join(f"`{item}`" for item in default)
    return f"`{json.dumps(default) if isinstance(default, bool | int) else default}`"


def _choices(setting: Node) -> str:
    forms = [setting, *setting.get("anyOf", [])]
    choices = [choice for form in forms for choice in form.get("enum", [])]
    return f" One of {', '.join(f'`{choice}`' for choice in choices)}." if choices else ""


def _flat(text: str) -> str:
    return re.sub(r"\s+", " ", text).replace("|", "\\|").strip()


def undescribed() -> list[str]:
    """Return every setting without a sentence."""
    missing = []
    for kind in FILES:
        schema = json.loads(schema_file(kind))
        for name, node in [(kind, schema), *schema.get("$defs", {}).items()]:
            for key, setting in _object(node).get("properties", {}).items():
                if not setting.get("description"):
                    missing.append(f"{name}.{key}")
    return missing

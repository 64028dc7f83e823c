"""Canonical documents: what an ERP sees, whatever the partner sent.

Seven typed, versioned shapes (shipment order, shipping advice, ship notice, invoice, order, order
acknowledgment, application advice), and the set as it is where no map translates it. This package
decides what a document must hold; where its values came from is the map's business, and what
happens to it is the pipeline's.
"""

from gateway.canonical.documents import (
    DOCUMENTS,
    KEYS,
    VERSION,
    X12_SET,
    DocumentType,
    business_key_names,
    business_keys,
    check,
    dumps,
    json_schema,
    schema_file,
    schema_file_name,
)

__all__ = [
    "DOCUMENTS",
    "KEYS",
    "VERSION",
    "X12_SET",
    "DocumentType",
    "business_key_names",
    "business_keys",
    "check",
    "dumps",
    "json_schema",
    "schema_file",
    "schema_file_name",
]

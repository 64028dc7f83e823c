"""Canonical documents: what an ERP sees, whatever the partner sent.

Typed, versioned shapes, one for each kind of business message (`docs/canonical.md` lists them), and
the set as it is where no map translates it. This package decides what a document must hold; where
its values came from is the map's business, and what happens to it is the pipeline's.
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

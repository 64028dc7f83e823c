"""Where each field of a document came from, and why each element of a set was written.

compiled = library.compile(name, schema.root, document_schema)
traced = TracedMap(compiled, library.resolve(name).source)
traced.read(tree, transaction_set, delimiters)    # ReadTrace
traced.write(document, delimiters)                # WriteTrace
"""

from gateway.mapping.trace.absence import Absence, Looked, NoSuchField
from gateway.mapping.trace.model import (
    Applied,
    DocumentTrace,
    ElementTrace,
    FieldTrace,
    MapLine,
    Origin,
    ReadTrace,
    Reason,
    Received,
    SetPlace,
    WriteTrace,
)
from gateway.mapping.trace.traced_map import TracedMap
from gateway.mapping.trace.writing import in_file

__all__ = [
    "Absence",
    "Applied",
    "DocumentTrace",
    "ElementTrace",
    "FieldTrace",
    "Looked",
    "MapLine",
    "NoSuchField",
    "Origin",
    "ReadTrace",
    "Reason",
    "Received",
    "SetPlace",
    "TracedMap",
    "WriteTrace",
    "in_file",
]

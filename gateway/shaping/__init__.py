"""Documents in other shapes: selected by JMESPath, rendered by a template or XSLT, checked by XSD.

Everything is compiled once, from texts that the configuration read: what is wrong with them is a
`NotCompiled` with its line. What a shape cannot make of one document is a `NotShaped`. Nothing here
reads a file, calls anybody or knows the time, and no number ever becomes a binary fraction.
"""

from gateway.shaping.exact_json import Json, JsonFault, dumps, loads
from gateway.shaping.faults import NotCompiled, NotShaped
from gateway.shaping.schema import XmlCheck
from gateway.shaping.selection import Selection, is_true
from gateway.shaping.shape import AS_IT_IS, Shape, Shaped
from gateway.shaping.stylesheet import Stylesheet
from gateway.shaping.template import JsonTemplate, TextTemplate, UrlTemplate, XmlTemplate
from gateway.shaping.xml_text import XmlFault, XmlSelection, parse_xml

__all__ = [
    "AS_IT_IS",
    "Json",
    "JsonFault",
    "JsonTemplate",
    "NotCompiled",
    "NotShaped",
    "Selection",
    "Shape",
    "Shaped",
    "Stylesheet",
    "TextTemplate",
    "UrlTemplate",
    "XmlCheck",
    "XmlFault",
    "XmlSelection",
    "XmlTemplate",
    "dumps",
    "is_true",
    "loads",
    "parse_xml",
]

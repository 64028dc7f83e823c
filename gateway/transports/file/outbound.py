"""Writes a file for each document: its content by a writer, the file by the directory transport."""

from __future__ import annotations

from dataclasses import replace

from gateway.pipeline.ports import Consignment, Exchange, Outbound, Receipt
from gateway.shaping import Json, TextTemplate
from gateway.transports.documents import document_of
from gateway.transports.file.content import Content
from gateway.transports.file.naming import safe_name


class FileOutbound:
    """Writes documents as files."""

    def __init__(self, folder: Outbound, name: TextTemplate, ending: str, content: Content) -> None:
        self._folder = folder
        self._name = name
        self._ending = ending
        self._content = content

    def connect(self) -> None:
        """Make the folder where it is missing."""
        self._folder.connect()

    def deliver(self, consignment: Consignment) -> Receipt:
        """Write one file; the same at each attempt, so that one after a crash is harmless."""
        document = document_of(consignment)
        made = self._content.written(document, consignment.facts)
        name = self._name_of(document, consignment)
        file = replace(consignment, content=made.content, name=name, content_type=made.content_type)
        receipt = self._folder.deliver(file)
        written = f"written{' before' * receipt.repeated}: {receipt.reference}"
        consignment.tell(Exchange(f"write {name}", made.content, answer=written))
        return receipt

    def close(self) -> None:
        """Nothing is kept open."""
        self._folder.close()

    def _name_of(self, document: Json, consignment: Consignment) -> str:
        safe = safe_name(self._name, document, consignment.facts)
        # What is delivered anew may say something else: it is another file.
        generation = consignment.facts.get("generation", "1")
        again = f"-{generation}" if generation != "1" else ""
        return f"{safe}{again}.{self._ending}"

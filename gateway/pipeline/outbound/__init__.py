"""Outbound: canonical documents become interchanges to partners.

`submission` accepts a document, `write` makes X12 of it and validates that, `batching` says when it
goes out, `envelope` gives it its control numbers, and `interchanges` sends what is due, our
acknowledgments included.
"""

"""Follow-ups: what comes of how a delivery ended.

A destination that took a document may lead to a next document for a partner; one that refused it,
to an application advice (824) that tells the partner so. Each is a delivery of the same document,
under a name of its own: `owing` adds it in the transaction that settles the first, `making` makes
the document, and the lane, its attempts and its commands are those of every delivery.
"""

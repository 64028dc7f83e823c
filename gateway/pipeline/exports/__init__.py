"""Scheduled exports: records of an ERP become documents for partners, each slot of time once.

`slots` says when, `planning` notes which slots are due, `reading` follows a source through its
pages, `judging` makes documents of records, `running` keeps what was made and moves the cursor, and
`marking` tells the ERP what became of it.
"""

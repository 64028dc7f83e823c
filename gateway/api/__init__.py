"""The API for ERP teams: canonical documents in, what became of them out, over HTTP.

Every call is a row of one table (`operations`), from which the server answers and OpenAPI is
written. What a call does is the pipeline's: this package reads what is asked, finds who asks and
whether it may, and writes answers.
"""

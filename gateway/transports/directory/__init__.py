"""Payloads as files: `sftp_inbox/<partner>/in` and `…/out`; see docs/transports/directory.md.

in/<name>                        dropped by the partner
in/.claimed/<owner>/<name>       taken by one process; nobody else takes it while that one lives
state/archive/<partner>/<date>/  durable in the store
in/.quarantine/<date>/<name>     never became whole; handed over as incomplete
out/<name>                       for the partner to fetch
"""

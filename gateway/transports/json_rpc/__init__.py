"""JSON-RPC 2.0: a procedure called with a document."""

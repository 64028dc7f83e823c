"""XML-RPC: a procedure called with a document."""

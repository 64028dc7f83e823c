"""Documents to destinations over HTTP."""

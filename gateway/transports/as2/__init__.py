"""AS2 over HTTP: `inbound` answers what partners post, `outbound` posts messages and MDNs."""

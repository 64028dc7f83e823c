"""Transport: e-mail over SMTP, with the standard library."""

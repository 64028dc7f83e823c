"""Folders at a partner, over FTP with TLS."""

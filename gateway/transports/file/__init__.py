"""Documents as files in a folder: JSON, JSON lines, CSV, XML, text."""

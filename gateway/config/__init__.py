"""Configuration of an instance: its files, read and checked as a whole."""

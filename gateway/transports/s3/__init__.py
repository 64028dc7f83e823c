"""Buckets shared with a partner, at Amazon or at any service with the same interface."""

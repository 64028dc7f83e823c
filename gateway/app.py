"""The composition root: the only file that chooses concrete parts."""

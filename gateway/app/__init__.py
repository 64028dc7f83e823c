"""The composition root: the only package that chooses concrete parts.

`opened` puts an instance together, `listeners` what partners connect to.
"""

from gateway.app.opened import App, NotText, StoreUnusable, open_instance, opened

__all__ = ["App", "NotText", "StoreUnusable", "open_instance", "opened"]

"""The composition root: the only package that chooses concrete parts.

`opening` opens an instance and `opened` puts it together: `folders`, `partner_connections` and
`listeners` bring payloads in, `outward` takes documents out. `collecting` keeps the garbage
collector out of the way.
"""

from gateway.app.collecting import rare_collections
from gateway.app.opened import App
from gateway.app.opening import NotText, open_instance, opened
from gateway.app.versions import StoreUnusable

__all__ = ["App", "NotText", "StoreUnusable", "open_instance", "opened", "rare_collections"]

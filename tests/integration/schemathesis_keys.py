"""A hook of schemathesis: each sound call gets an Idempotency-Key of its own.

Made up at random, keys would soon be those of other documents, and no document would be looked at.
"""

from __future__ import annotations

import re
from itertools import count
from typing import Any
from uuid import uuid4

import schemathesis

# Of each process its own: the gateway that they call is the same.
_process = uuid4().hex[:12]
_numbers = count(1)


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: dict[str, Any]) -> None:
    del context, kwargs
    name = "Idempotency-Key"
    key = (case.headers or {}).get(name)
    if isinstance(key, str) and re.fullmatch(r"[!-~]{1,200}", key):
        case.headers[name] = f"{key[:150]}-{_process}-{next(_numbers)}"

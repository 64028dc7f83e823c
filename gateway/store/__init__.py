"""What is kept: tables, migrations, and every query. SQLite by default, PostgreSQL by its URL."""

from gateway.store.database import open_database
from gateway.store.errors import TablesUnknown
from gateway.store.sql import SqlStore

__all__ = ["SqlStore", "TablesUnknown", "open_database"]

"""Alembic's environment and the migrations, in order; run at every start."""

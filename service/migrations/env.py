"""How Alembic runs here: on a connection that `servicepunt migrate` hands over, in one transaction."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context

from service import rooms  # noqa: F401  (every room's tables must be known)
from service.kernel import idempotency  # noqa: F401  (the kernel's own as well)
from service.kernel.database import Base


def plain(kind: str, item: Any, autogen: Any) -> str | Literal[False]:
    """Our own column types in plain SQLAlchemy terms: an old migration must not depend on today's code."""
    if kind == "type":
        name = type(item).__name__
        if name == "UtcDateTime":
            return "sa.DateTime(timezone=True)"
        if name == "Identifier":
            return "sa.Uuid(as_uuid=False)"
        if name == "Enum":
            return f"sa.String({item.length})"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_item=plain,
    render_as_batch=context.config.attributes.get("batch", False),
    compare_type=False,
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()

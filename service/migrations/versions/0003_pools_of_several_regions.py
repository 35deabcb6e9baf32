"""Pools of several regions"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "mobility_pool_region",
        sa.Column("pool_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("region_code", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["pool_id"], ["mobility_pool.id"], name=op.f("fk_mobility_pool_region_pool_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("pool_id", "region_code", name=op.f("pk_mobility_pool_region")),
    )
    op.create_index("ix_mobility_pool_region_code", "mobility_pool_region", ["region_code", "pool_id"])
    op.execute(
        "INSERT INTO mobility_pool_region (pool_id, region_code) "
        "SELECT id, region_code FROM mobility_pool WHERE region_code IS NOT NULL"
    )
    # Not in a batch: that would make the table anew, and its old rows would take those of its children along.
    op.drop_column("mobility_pool", "region_code")


def downgrade() -> None:
    op.add_column("mobility_pool", sa.Column("region_code", sa.String(), nullable=True))
    op.execute(
        "UPDATE mobility_pool SET region_code = "
        "(SELECT min(region_code) FROM mobility_pool_region WHERE pool_id = mobility_pool.id)"
    )
    op.drop_table("mobility_pool_region")

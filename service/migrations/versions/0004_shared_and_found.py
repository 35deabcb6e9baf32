"""Shared and found"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "referral_transfer",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("from_party_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("to_party_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("by_party_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("by_kind", sa.String(64), nullable=False),
        sa.Column("reason", sa.String(64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("with_candidates", sa.Boolean(), nullable=False),
        sa.Column("with_memberships", sa.Boolean(), nullable=False),
        sa.Column("referrals", sa.Integer(), nullable=False),
        sa.Column("joined", sa.Integer(), nullable=False),
        sa.Column("leads", sa.Integer(), nullable=False),
        sa.Column("employers", sa.Integer(), nullable=False),
        sa.Column("proposals", sa.Integer(), nullable=False),
        sa.Column("candidates", sa.Integer(), nullable=False),
        sa.Column("memberships", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["from_party_id"], ["party.id"], name=op.f("fk_referral_transfer_from_party_id")),
        sa.ForeignKeyConstraint(["to_party_id"], ["party.id"], name=op.f("fk_referral_transfer_to_party_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referral_transfer")),
    )
    with op.batch_alter_table("referral_transfer", schema=None) as batch_op:
        batch_op.create_index("ix_referral_transfer_from", ["from_party_id", "id"], unique=False)
        batch_op.create_index("ix_referral_transfer_to", ["to_party_id", "id"], unique=False)

    op.create_table(
        "webhook_replay",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("webhook_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("events", sa.Integer(), nullable=False),
        sa.Column("last_position", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["webhook_id"], ["webhook.id"], name=op.f("fk_webhook_replay_webhook_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_replay")),
    )
    with op.batch_alter_table("webhook_replay", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_webhook_replay_created_at"), ["created_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_webhook_replay_webhook_id"), ["webhook_id"], unique=False)

    op.create_table(
        "delivery_attempt",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("delivery_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("error", sa.String(), nullable=True),
        sa.Column("milliseconds", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["delivery_id"], ["delivery.id"], name=op.f("fk_delivery_attempt_delivery_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery_attempt")),
    )
    with op.batch_alter_table("delivery_attempt", schema=None) as batch_op:
        batch_op.create_index("ix_delivery_attempt_delivery", ["delivery_id", "at"], unique=False)

    op.create_table(
        "vacancy_subscription",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("client_id", sa.String(), nullable=False),
        sa.Column("party_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("region_codes", sa.JSON(), nullable=False),
        sa.Column("occupation_groups", sa.JSON(), nullable=False),
        sa.Column("language", sa.String(64), nullable=False),
        sa.Column("secret_digest", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("email_secret", sa.LargeBinary(), nullable=True),
        sa.Column("email_digest", sa.String(), nullable=True),
        sa.Column("email_confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("unsubscribed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("digest_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("digest_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["client_id"], ["client.id"], name=op.f("fk_vacancy_subscription_client_id")),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"], name=op.f("fk_vacancy_subscription_party_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vacancy_subscription")),
        sa.UniqueConstraint("email_digest", name=op.f("uq_vacancy_subscription_email_digest")),
        sa.UniqueConstraint("secret_digest", name=op.f("uq_vacancy_subscription_secret_digest")),
    )
    with op.batch_alter_table("vacancy_subscription", schema=None) as batch_op:
        batch_op.create_index("ix_vacancy_subscription_client", ["client_id"], unique=False)
        batch_op.create_index(
            "ix_vacancy_subscription_due",
            ["digest_due_at", "id"],
            unique=False,
            postgresql_where=sa.text("digest_due_at IS NOT NULL"),
            sqlite_where=sa.text("digest_due_at IS NOT NULL"),
        )
        batch_op.create_index("ix_vacancy_subscription_party", ["party_id", "id"], unique=False)

    op.create_table(
        "pool_offer",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("candidate_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("pool_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("recorded_by", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("how", sa.String(64), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("consented_on", sa.Date(), nullable=False),
        sa.Column("offered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("end_reason", sa.String(64), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["candidate_id"], ["candidate.id"], name=op.f("fk_pool_offer_candidate_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["pool_id"], ["party.id"], name=op.f("fk_pool_offer_pool_id")),
        sa.ForeignKeyConstraint(["recorded_by"], ["party.id"], name=op.f("fk_pool_offer_recorded_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pool_offer")),
    )
    with op.batch_alter_table("pool_offer", schema=None) as batch_op:
        batch_op.create_index("ix_pool_offer_candidate", ["candidate_id", "id"], unique=False)
        batch_op.create_index(
            "ix_pool_offer_pool",
            ["pool_id", "candidate_id"],
            unique=False,
            postgresql_where=sa.text("ended_at IS NULL"),
            sqlite_where=sa.text("ended_at IS NULL"),
        )
        batch_op.create_index(
            "uq_pool_offer_live",
            ["candidate_id", "pool_id"],
            unique=True,
            postgresql_where=sa.text("ended_at IS NULL"),
            sqlite_where=sa.text("ended_at IS NULL"),
        )

    op.create_table(
        "vacancy_imported",
        sa.Column("job_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("vacancy_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("outcome", sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(
            ["job_id"], ["import_job.id"], name=op.f("fk_vacancy_imported_job_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["vacancy_id"], ["vacancy.id"], name=op.f("fk_vacancy_imported_vacancy_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("job_id", "number", name=op.f("pk_vacancy_imported")),
    )
    with op.batch_alter_table("vacancy_imported", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_vacancy_imported_vacancy_id"), ["vacancy_id"], unique=False)

    op.create_table(
        "transferred_referral",
        sa.Column("before_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("after_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("transfer_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.ForeignKeyConstraint(["after_id"], ["referral.id"], name=op.f("fk_transferred_referral_after_id")),
        sa.ForeignKeyConstraint(["before_id"], ["referral.id"], name=op.f("fk_transferred_referral_before_id")),
        sa.ForeignKeyConstraint(
            ["transfer_id"], ["referral_transfer.id"], name=op.f("fk_transferred_referral_transfer_id")
        ),
        sa.PrimaryKeyConstraint("before_id", name=op.f("pk_transferred_referral")),
    )
    with op.batch_alter_table("transferred_referral", schema=None) as batch_op:
        batch_op.create_index("ix_transferred_referral_after", ["after_id"], unique=False)
        batch_op.create_index("ix_transferred_referral_transfer", ["transfer_id", "after_id"], unique=False)

    with op.batch_alter_table("candidate_offer", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_candidate_offer_party"))

    op.drop_table("candidate_offer")
    with op.batch_alter_table("candidate_occupation", schema=None) as batch_op:
        batch_op.add_column(sa.Column("max_distance_km", sa.Double(), nullable=True))
        batch_op.add_column(sa.Column("hours_min", sa.Double(), nullable=True))
        batch_op.add_column(sa.Column("hours_max", sa.Double(), nullable=True))
        batch_op.drop_index(batch_op.f("ix_candidate_occupation_block"))
        batch_op.create_index(
            "ix_candidate_occupation_box",
            [
                "isco_code",
                "south",
                "north",
                "west",
                "east",
                "candidate_id",
                "code",
                "max_distance_km",
                "hours_min",
                "hours_max",
            ],
            unique=False,
        )

    with op.batch_alter_table("contract_end_signal", schema=None) as batch_op:
        batch_op.add_column(sa.Column("trial_ended_on", sa.Date(), nullable=True))

    with op.batch_alter_table("delivery", schema=None) as batch_op:
        batch_op.add_column(sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("replay_id", sa.Uuid(as_uuid=False), nullable=True))
        batch_op.create_index(
            "ix_delivery_failed",
            ["webhook_id"],
            unique=False,
            postgresql_where=sa.text("status = 'failed'"),
            sqlite_where=sa.text("status = 'failed'"),
        )
        batch_op.create_index(
            "ix_delivery_replay",
            ["replay_id"],
            unique=False,
            postgresql_where=sa.text("replay_id IS NOT NULL"),
            sqlite_where=sa.text("replay_id IS NOT NULL"),
        )

    with op.batch_alter_table("pool_member", schema=None) as batch_op:
        batch_op.create_index("ix_pool_member_begins", ["valid_from"], unique=False)
        batch_op.create_index("ix_pool_member_ends", ["valid_until"], unique=False)

    with op.batch_alter_table("proposal", schema=None) as batch_op:
        batch_op.add_column(sa.Column("proposed_by", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("held_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("trial_asked_on", sa.Date(), nullable=True))
        batch_op.create_index(
            "ix_proposal_trial_to_ask",
            ["end_date", "id"],
            unique=False,
            postgresql_where=sa.text("status = 'trial_placement' AND trial_asked_on IS NULL"),
            sqlite_where=sa.text("status = 'trial_placement' AND trial_asked_on IS NULL"),
        )

    with op.batch_alter_table("proposal_consent", schema=None) as batch_op:
        batch_op.add_column(sa.Column("told_fixed_jobcoach", sa.Boolean(), nullable=True))
        batch_op.add_column(sa.Column("told_organisation_id", sa.Uuid(as_uuid=False), nullable=True))

    with op.batch_alter_table("referral", schema=None) as batch_op:
        batch_op.add_column(sa.Column("passed_on_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.drop_index(batch_op.f("ix_referral_inbox"))
        batch_op.create_index(
            "ix_referral_all_due",
            ["respond_by", "id"],
            unique=False,
            postgresql_where=sa.text("status IN ('seen', 'sent')"),
            sqlite_where=sa.text("status IN ('seen', 'sent')"),
        )
        batch_op.create_index(
            "ix_referral_due",
            ["party_id", "respond_by", "id"],
            unique=False,
            postgresql_where=sa.text("status IN ('seen', 'sent')"),
            sqlite_where=sa.text("status IN ('seen', 'sent')"),
        )
        batch_op.create_index(
            "ix_referral_led",
            ["party_id", "lead", "id"],
            unique=False,
            postgresql_where=sa.text("passed_on_at IS NULL"),
            sqlite_where=sa.text("passed_on_at IS NULL"),
        )
        batch_op.create_index(
            "ix_referral_own",
            ["party_id", "id"],
            unique=False,
            postgresql_where=sa.text("passed_on_at IS NULL"),
            sqlite_where=sa.text("passed_on_at IS NULL"),
        )
        batch_op.create_index(
            "ix_referral_status",
            ["party_id", "status", "id"],
            unique=False,
            postgresql_where=sa.text("passed_on_at IS NULL"),
            sqlite_where=sa.text("passed_on_at IS NULL"),
        )
        batch_op.create_index(
            "ix_referral_work",
            ["party_id", "respond_by", "sent_at", "id"],
            unique=False,
            postgresql_where=sa.text("status IN ('seen', 'sent')"),
            sqlite_where=sa.text("status IN ('seen', 'sent')"),
        )

    with op.batch_alter_table("vacancy", schema=None) as batch_op:
        batch_op.add_column(sa.Column("jobcoach_organisation_id", sa.Uuid(as_uuid=False), nullable=True))
        batch_op.add_column(sa.Column("searched_since", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("client_id", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("warned_expiry", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("brought_in_by_id", sa.Uuid(as_uuid=False), nullable=True))
        batch_op.add_column(sa.Column("brought_in_reference", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("taken_over_on", sa.Date(), nullable=True))
        batch_op.add_column(
            sa.Column(
                "changed_at", sa.DateTime(timezone=True), server_default="1970-01-01 00:00:00.000000", nullable=False
            )
        )
        batch_op.add_column(
            sa.Column(
                "offered_at", sa.DateTime(timezone=True), server_default="1970-01-01 00:00:00.000000", nullable=False
            )
        )
        batch_op.add_column(sa.Column("sub_major", sa.String(), nullable=True))
        batch_op.drop_index(batch_op.f("ix_vacancy_place"))
        batch_op.create_index("ix_vacancy_of_region", ["region_code", "id"], unique=False)
        batch_op.create_index("ix_vacancy_reference", ["employer_id", "reference"], unique=False)
        batch_op.create_index("ix_vacancy_shared", ["status", "changed_at", "id"], unique=False)
        batch_op.create_index(
            "ix_vacancy_shared_both",
            ["region_code", "sub_major", "changed_at", "id"],
            unique=False,
            postgresql_where=sa.text("status = 'open'"),
            sqlite_where=sa.text("status = 'open'"),
        )
        batch_op.create_index(
            "ix_vacancy_shared_place",
            ["region_code", "changed_at", "id"],
            unique=False,
            postgresql_where=sa.text("status = 'open'"),
            sqlite_where=sa.text("status = 'open'"),
        )
        batch_op.create_index(
            "ix_vacancy_shared_work",
            ["sub_major", "changed_at", "id"],
            unique=False,
            postgresql_where=sa.text("status = 'open'"),
            sqlite_where=sa.text("status = 'open'"),
        )
        batch_op.create_index(
            "ix_vacancy_to_warn",
            ["expires_on", "id"],
            unique=False,
            postgresql_where=sa.text(
                "status IN ('on_hold', 'open') AND expires_on IS NOT NULL AND (warned_expiry IS NULL OR warned_expiry <> expires_on)"
            ),
            sqlite_where=sa.text(
                "status IN ('on_hold', 'open') AND expires_on IS NOT NULL AND (warned_expiry IS NULL OR warned_expiry <> expires_on)"
            ),
        )
        batch_op.create_index(
            "ix_vacancy_ungrouped",
            ["id"],
            unique=False,
            postgresql_where=sa.text("sub_major IS NULL"),
            sqlite_where=sa.text("sub_major IS NULL"),
        )
        batch_op.create_index("ix_vacancy_work", ["status", "occupation_code", "latitude", "longitude"], unique=False)
        batch_op.create_index(
            "uq_vacancy_brought_in_reference",
            ["brought_in_by_id", "brought_in_reference"],
            unique=True,
            postgresql_where=sa.text("status IN ('draft', 'on_hold', 'open')"),
            sqlite_where=sa.text("status IN ('draft', 'on_hold', 'open')"),
        )

    with op.batch_alter_table("webhook", schema=None) as batch_op:
        batch_op.add_column(sa.Column("secret_id", sa.Uuid(as_uuid=False), nullable=True))
        batch_op.add_column(sa.Column("secret_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("secret_until", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("new_secret", sa.LargeBinary(), nullable=True))
        batch_op.add_column(sa.Column("new_secret_id", sa.Uuid(as_uuid=False), nullable=True))
        batch_op.add_column(sa.Column("new_secret_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("failing_since", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("failures", sa.Integer(), server_default="0", nullable=False))
        batch_op.create_index(
            "ix_webhook_secret_until",
            ["secret_until"],
            unique=False,
            postgresql_where=sa.text("secret_until IS NOT NULL"),
            sqlite_where=sa.text("secret_until IS NOT NULL"),
        )

    # Of somebody who was placed it is the contract's last day from now on; before, it could only be the trial's.
    op.execute("UPDATE proposal SET end_date = NULL WHERE status = 'placed'")


def downgrade() -> None:
    with op.batch_alter_table("webhook", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_webhook_secret_until",
            postgresql_where=sa.text("secret_until IS NOT NULL"),
            sqlite_where=sa.text("secret_until IS NOT NULL"),
        )
        batch_op.drop_column("failures")
        batch_op.drop_column("failing_since")
        batch_op.drop_column("new_secret_at")
        batch_op.drop_column("new_secret_id")
        batch_op.drop_column("new_secret")
        batch_op.drop_column("secret_until")
        batch_op.drop_column("secret_at")
        batch_op.drop_column("secret_id")

    with op.batch_alter_table("vacancy", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_vacancy_brought_in_reference",
            postgresql_where=sa.text("status IN ('draft', 'on_hold', 'open')"),
            sqlite_where=sa.text("status IN ('draft', 'on_hold', 'open')"),
        )
        batch_op.drop_index("ix_vacancy_work")
        batch_op.drop_index(
            "ix_vacancy_ungrouped",
            postgresql_where=sa.text("sub_major IS NULL"),
            sqlite_where=sa.text("sub_major IS NULL"),
        )
        batch_op.drop_index(
            "ix_vacancy_to_warn",
            postgresql_where=sa.text(
                "status IN ('on_hold', 'open') AND expires_on IS NOT NULL AND (warned_expiry IS NULL OR warned_expiry <> expires_on)"
            ),
            sqlite_where=sa.text(
                "status IN ('on_hold', 'open') AND expires_on IS NOT NULL AND (warned_expiry IS NULL OR warned_expiry <> expires_on)"
            ),
        )
        batch_op.drop_index(
            "ix_vacancy_shared_work",
            postgresql_where=sa.text("status = 'open'"),
            sqlite_where=sa.text("status = 'open'"),
        )
        batch_op.drop_index(
            "ix_vacancy_shared_place",
            postgresql_where=sa.text("status = 'open'"),
            sqlite_where=sa.text("status = 'open'"),
        )
        batch_op.drop_index(
            "ix_vacancy_shared_both",
            postgresql_where=sa.text("status = 'open'"),
            sqlite_where=sa.text("status = 'open'"),
        )
        batch_op.drop_index("ix_vacancy_shared")
        batch_op.drop_index("ix_vacancy_reference")
        batch_op.drop_index("ix_vacancy_of_region")
        batch_op.create_index(batch_op.f("ix_vacancy_place"), ["status", "latitude", "longitude"], unique=False)
        batch_op.drop_column("sub_major")
        batch_op.drop_column("offered_at")
        batch_op.drop_column("changed_at")
        batch_op.drop_column("taken_over_on")
        batch_op.drop_column("brought_in_reference")
        batch_op.drop_column("brought_in_by_id")
        batch_op.drop_column("warned_expiry")
        batch_op.drop_column("client_id")
        batch_op.drop_column("searched_since")
        batch_op.drop_column("jobcoach_organisation_id")

    with op.batch_alter_table("referral", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_referral_work",
            postgresql_where=sa.text("status IN ('seen', 'sent')"),
            sqlite_where=sa.text("status IN ('seen', 'sent')"),
        )
        batch_op.drop_index(
            "ix_referral_status",
            postgresql_where=sa.text("passed_on_at IS NULL"),
            sqlite_where=sa.text("passed_on_at IS NULL"),
        )
        batch_op.drop_index(
            "ix_referral_own",
            postgresql_where=sa.text("passed_on_at IS NULL"),
            sqlite_where=sa.text("passed_on_at IS NULL"),
        )
        batch_op.drop_index(
            "ix_referral_led",
            postgresql_where=sa.text("passed_on_at IS NULL"),
            sqlite_where=sa.text("passed_on_at IS NULL"),
        )
        batch_op.drop_index(
            "ix_referral_due",
            postgresql_where=sa.text("status IN ('seen', 'sent')"),
            sqlite_where=sa.text("status IN ('seen', 'sent')"),
        )
        batch_op.drop_index(
            "ix_referral_all_due",
            postgresql_where=sa.text("status IN ('seen', 'sent')"),
            sqlite_where=sa.text("status IN ('seen', 'sent')"),
        )
        batch_op.create_index(batch_op.f("ix_referral_inbox"), ["party_id", "status", "id"], unique=False)
        batch_op.drop_column("passed_on_at")

    with op.batch_alter_table("proposal_consent", schema=None) as batch_op:
        batch_op.drop_column("told_organisation_id")
        batch_op.drop_column("told_fixed_jobcoach")

    with op.batch_alter_table("proposal", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_proposal_trial_to_ask",
            postgresql_where=sa.text("status = 'trial_placement' AND trial_asked_on IS NULL"),
            sqlite_where=sa.text("status = 'trial_placement' AND trial_asked_on IS NULL"),
        )
        batch_op.drop_column("trial_asked_on")
        batch_op.drop_column("held_on")
        batch_op.drop_column("proposed_by")

    with op.batch_alter_table("pool_member", schema=None) as batch_op:
        batch_op.drop_index("ix_pool_member_ends")
        batch_op.drop_index("ix_pool_member_begins")

    with op.batch_alter_table("delivery", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_delivery_replay",
            postgresql_where=sa.text("replay_id IS NOT NULL"),
            sqlite_where=sa.text("replay_id IS NOT NULL"),
        )
        batch_op.drop_index(
            "ix_delivery_failed",
            postgresql_where=sa.text("status = 'failed'"),
            sqlite_where=sa.text("status = 'failed'"),
        )
        batch_op.drop_column("replay_id")
        batch_op.drop_column("asked_at")

    with op.batch_alter_table("contract_end_signal", schema=None) as batch_op:
        batch_op.drop_column("trial_ended_on")

    with op.batch_alter_table("candidate_occupation", schema=None) as batch_op:
        batch_op.drop_index("ix_candidate_occupation_box")
        batch_op.create_index(
            batch_op.f("ix_candidate_occupation_block"),
            ["sub_major", "south", "north", "west", "east", "candidate_id"],
            unique=False,
        )
        batch_op.drop_column("hours_max")
        batch_op.drop_column("hours_min")
        batch_op.drop_column("max_distance_km")

    op.create_table(
        "candidate_offer",
        sa.Column("candidate_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("party_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.ForeignKeyConstraint(
            ["candidate_id"], ["candidate.id"], name=op.f("fk_candidate_offer_candidate_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"], name=op.f("fk_candidate_offer_party_id")),
        sa.PrimaryKeyConstraint("candidate_id", "party_id", name=op.f("pk_candidate_offer")),
    )
    with op.batch_alter_table("candidate_offer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_candidate_offer_party"), ["party_id", "candidate_id"], unique=False)

    with op.batch_alter_table("transferred_referral", schema=None) as batch_op:
        batch_op.drop_index("ix_transferred_referral_transfer")
        batch_op.drop_index("ix_transferred_referral_after")

    op.drop_table("transferred_referral")
    with op.batch_alter_table("vacancy_imported", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_vacancy_imported_vacancy_id"))

    op.drop_table("vacancy_imported")
    with op.batch_alter_table("pool_offer", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_pool_offer_live", postgresql_where=sa.text("ended_at IS NULL"), sqlite_where=sa.text("ended_at IS NULL")
        )
        batch_op.drop_index(
            "ix_pool_offer_pool", postgresql_where=sa.text("ended_at IS NULL"), sqlite_where=sa.text("ended_at IS NULL")
        )
        batch_op.drop_index("ix_pool_offer_candidate")

    op.drop_table("pool_offer")
    with op.batch_alter_table("vacancy_subscription", schema=None) as batch_op:
        batch_op.drop_index("ix_vacancy_subscription_party")
        batch_op.drop_index(
            "ix_vacancy_subscription_due",
            postgresql_where=sa.text("digest_due_at IS NOT NULL"),
            sqlite_where=sa.text("digest_due_at IS NOT NULL"),
        )
        batch_op.drop_index("ix_vacancy_subscription_client")

    op.drop_table("vacancy_subscription")
    with op.batch_alter_table("delivery_attempt", schema=None) as batch_op:
        batch_op.drop_index("ix_delivery_attempt_delivery")

    op.drop_table("delivery_attempt")
    with op.batch_alter_table("webhook_replay", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_webhook_replay_webhook_id"))
        batch_op.drop_index(batch_op.f("ix_webhook_replay_created_at"))

    op.drop_table("webhook_replay")
    with op.batch_alter_table("referral_transfer", schema=None) as batch_op:
        batch_op.drop_index("ix_referral_transfer_to")
        batch_op.drop_index("ix_referral_transfer_from")

    op.drop_table("referral_transfer")

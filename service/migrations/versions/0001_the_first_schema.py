"""The first schema"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "access_entry",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("client_id", sa.String(), nullable=False),
        sa.Column("party_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("purpose", sa.String(64), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("person_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("resource", sa.String(), nullable=False),
        sa.Column("because", sa.String(), nullable=False),
        sa.Column("trace_id", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_entry")),
    )
    with op.batch_alter_table("access_entry", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_access_entry_at"), ["at"], unique=False)
        batch_op.create_index(batch_op.f("ix_access_entry_person_id"), ["person_id"], unique=False)

    op.create_table(
        "client_usage",
        sa.Column("client_id", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("minute", sa.Integer(), nullable=False),
        sa.Column("in_minute", sa.Integer(), nullable=False),
        sa.Column("requests", sa.Integer(), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("watched", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("client_id", "subject", "day", name=op.f("pk_client_usage")),
    )
    with op.batch_alter_table("client_usage", schema=None) as batch_op:
        batch_op.create_index("ix_client_usage_day", ["day"], unique=False)

    op.create_table(
        "consumer_cursor",
        sa.Column("consumer", sa.String(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("consumer", name=op.f("pk_consumer_cursor")),
    )
    op.create_table(
        "consumer_failure",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("consumer", sa.String(), nullable=False),
        sa.Column("event_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(), nullable=False),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consumer_failure")),
        sa.UniqueConstraint("consumer", "event_id", name=op.f("uq_consumer_failure_consumer_event_id")),
    )
    with op.batch_alter_table("consumer_failure", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_consumer_failure_failed_at"), ["failed_at"], unique=False)

    op.create_table(
        "event",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("subject_version", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("because", sa.String(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
        sa.UniqueConstraint("position", name=op.f("uq_event_position")),
    )
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.create_index("ix_event_at", ["at"], unique=False)
        batch_op.create_index("ix_event_subject", ["subject", "subject_version"], unique=False)
        batch_op.create_index(
            "ix_event_unpositioned",
            ["subject", "subject_version"],
            unique=False,
            postgresql_where=sa.text("position IS NULL"),
            sqlite_where=sa.text("position IS NULL"),
        )

    op.create_table(
        "event_head",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_head")),
    )
    op.create_table(
        "handover_note",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handover_note")),
    )
    op.create_table(
        "idempotency_key",
        sa.Column("client_id", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("answer", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("client_id", "key", name=op.f("pk_idempotency_key")),
    )
    with op.batch_alter_table("idempotency_key", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_idempotency_key_created_at"), ["created_at"], unique=False)

    op.create_table(
        "import_job",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("client_id", sa.String(), nullable=False),
        sa.Column("party_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("mode", sa.String(64), nullable=False),
        sa.Column("dry_run", sa.Boolean(), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("charset", sa.String(), nullable=True),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(64), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("problem", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("rows_read", sa.Integer(), nullable=False),
        sa.Column("at_end", sa.Boolean(), nullable=False),
        sa.Column("cursor", sa.String(), nullable=True),
        sa.Column("told", sa.Integer(), nullable=False),
        sa.Column("trace_id", sa.String(), nullable=False),
        sa.Column("holder", sa.String(), nullable=True),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_job")),
    )
    with op.batch_alter_table("import_job", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_import_job_finished_at"), ["finished_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_import_job_party_id"), ["party_id"], unique=False)
        batch_op.create_index("ix_import_job_status", ["status", "created_at"], unique=False)

    op.create_table(
        "mail",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("template", sa.String(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("status", sa.String(64), nullable=False),
        sa.Column("message", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail")),
    )
    with op.batch_alter_table("mail", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_mail_created_at"), ["created_at"], unique=False)
        batch_op.create_index("ix_mail_due", ["status", "due_at"], unique=False)

    op.create_table(
        "office",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("region_code", sa.String(), nullable=True),
        sa.Column("organisation", sa.String(64), nullable=False),
        sa.Column("phone", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_office")),
    )
    with op.batch_alter_table("office", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_office_region_code"), ["region_code"], unique=False)

    op.create_table(
        "party",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("region_code", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_party")),
    )
    with op.batch_alter_table("party", schema=None) as batch_op:
        batch_op.create_index("ix_party_kind", ["kind"], unique=False)
        batch_op.create_index(batch_op.f("ix_party_region_code"), ["region_code"], unique=False)

    op.create_table(
        "person",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("bsn", sa.LargeBinary(), nullable=True),
        sa.Column("name", sa.LargeBinary(), nullable=True),
        sa.Column("email", sa.LargeBinary(), nullable=True),
        sa.Column("postcode4", sa.String(), nullable=True),
        sa.Column("is_client", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
    )
    op.create_table(
        "upload_piece",
        sa.Column("upload_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("upload_id", "number", name=op.f("pk_upload_piece")),
    )
    with op.batch_alter_table("upload_piece", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_upload_piece_created_at"), ["created_at"], unique=False)

    op.create_table(
        "used_assertion",
        sa.Column("client_id", sa.String(), nullable=False),
        sa.Column("jti", sa.String(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("client_id", "jti", name=op.f("pk_used_assertion")),
    )
    with op.batch_alter_table("used_assertion", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_used_assertion_expires_at"), ["expires_at"], unique=False)

    op.create_table(
        "webhook",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("client_id", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("types", sa.JSON(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.String(64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook")),
    )
    with op.batch_alter_table("webhook", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_webhook_client_id"), ["client_id"], unique=False)

    op.create_table(
        "client",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("party_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("secret_hash", sa.String(), nullable=True),
        sa.Column("jwks", sa.JSON(), nullable=True),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"], name=op.f("fk_client_party_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_client")),
    )
    with op.batch_alter_table("client", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_client_party_id"), ["party_id"], unique=False)

    op.create_table(
        "contact_told",
        sa.Column("person_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("regular_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("answering_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("away", sa.Boolean(), nullable=False),
        sa.Column("reach", sa.String(), nullable=False),
        sa.Column("upcoming_from", sa.Date(), nullable=True),
        sa.Column("upcoming_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("look_again_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_contact_told_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_contact_told")),
    )
    with op.batch_alter_table("contact_told", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_contact_told_look_again_on"), ["look_again_on"], unique=False)

    op.create_table(
        "delivery",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("webhook_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("event_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("status", sa.String(64), nullable=False),
        sa.Column("last_status", sa.Integer(), nullable=True),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_delivery_event_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["webhook_id"], ["webhook.id"], name=op.f("fk_delivery_webhook_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
        sa.UniqueConstraint("webhook_id", "event_id", name=op.f("uq_delivery_webhook_id_event_id")),
    )
    with op.batch_alter_table("delivery", schema=None) as batch_op:
        batch_op.create_index(
            "ix_delivery_due",
            ["webhook_id", "due_at", "position"],
            unique=False,
            postgresql_where=sa.text("status = 'pending'"),
            sqlite_where=sa.text("status = 'pending'"),
        )
        batch_op.create_index(batch_op.f("ix_delivery_event_id"), ["event_id"], unique=False)
        batch_op.create_index("ix_delivery_log", ["webhook_id", "position"], unique=False)
        batch_op.create_index(
            "ix_delivery_order",
            ["webhook_id", "subject", "position"],
            unique=False,
            postgresql_where=sa.text("status = 'pending'"),
            sqlite_where=sa.text("status = 'pending'"),
        )

    op.create_table(
        "employer",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kvk_number", sa.String(), nullable=False),
        sa.Column("payroll_tax_number", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["id"], ["party.id"], name=op.f("fk_employer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_employer")),
        sa.UniqueConstraint("kvk_number", name=op.f("uq_employer_kvk_number")),
    )
    op.create_table(
        "event_party",
        sa.Column("event_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("party_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_event_party_event_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("event_id", "party_id", name=op.f("pk_event_party")),
    )
    with op.batch_alter_table("event_party", schema=None) as batch_op:
        batch_op.create_index("ix_event_party_party", ["party_id", "event_id"], unique=False)

    op.create_table(
        "import_row",
        sa.Column("job_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("field", sa.String(), nullable=True),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("text", sa.JSON(), nullable=False),
        sa.Column("subject_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.ForeignKeyConstraint(["job_id"], ["import_job.id"], name=op.f("fk_import_row_job_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("job_id", "position", name=op.f("pk_import_row")),
    )
    with op.batch_alter_table("import_row", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_import_row_subject_id"), ["subject_id"], unique=False)

    op.create_table(
        "import_seen",
        sa.Column("job_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("key", sa.Uuid(as_uuid=False), nullable=False),
        sa.ForeignKeyConstraint(["job_id"], ["import_job.id"], name=op.f("fk_import_seen_job_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("job_id", "key", name=op.f("pk_import_seen")),
    )
    op.create_table(
        "mobility_pool",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("region_code", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["id"], ["party.id"], name=op.f("fk_mobility_pool_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mobility_pool")),
    )
    op.create_table(
        "person_index",
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("key_id", sa.String(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("person_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_person_index_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("kind", "key_id", "hash", name=op.f("pk_person_index")),
    )
    with op.batch_alter_table("person_index", schema=None) as batch_op:
        batch_op.create_index("ix_person_index_person", ["person_id"], unique=False)

    op.create_table(
        "team",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("office_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("phone", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["office_id"], ["office.id"], name=op.f("fk_team_office_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_team")),
    )
    with op.batch_alter_table("team", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_team_office_id"), ["office_id"], unique=False)

    op.create_table(
        "caseworker",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("office_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("team_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("role", sa.String(64), nullable=False),
        sa.Column("phone", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("working_days", sa.JSON(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["office_id"], ["office.id"], name=op.f("fk_caseworker_office_id")),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_caseworker_team_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_caseworker")),
    )
    with op.batch_alter_table("caseworker", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_caseworker_office_id"), ["office_id"], unique=False)

    op.create_table(
        "client_grant",
        sa.Column("client_id", sa.String(), nullable=False),
        sa.Column("party_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["client_id"], ["client.id"], name=op.f("fk_client_grant_client_id")),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"], name=op.f("fk_client_grant_party_id")),
        sa.PrimaryKeyConstraint("client_id", "party_id", name=op.f("pk_client_grant")),
    )
    op.create_table(
        "establishment",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("employer_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("number", sa.String(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("postcode", sa.String(), nullable=False),
        sa.Column("municipality_code", sa.String(), nullable=False),
        sa.Column("region_code", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["employer_id"], ["employer.id"], name=op.f("fk_establishment_employer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_establishment")),
        sa.UniqueConstraint("employer_id", "number", name=op.f("uq_establishment_employer_id_number")),
    )
    with op.batch_alter_table("establishment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_establishment_employer_id"), ["employer_id"], unique=False)

    op.create_table(
        "pool_member",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("pool_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("party_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("valid_until IS NULL OR valid_until >= valid_from", name=op.f("ck_pool_member_in_order")),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"], name=op.f("fk_pool_member_party_id")),
        sa.ForeignKeyConstraint(["pool_id"], ["mobility_pool.id"], name=op.f("fk_pool_member_pool_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pool_member")),
    )
    with op.batch_alter_table("pool_member", schema=None) as batch_op:
        batch_op.create_index("ix_pool_member_party", ["party_id"], unique=False)
        batch_op.create_index("ix_pool_member_pool", ["pool_id", "id"], unique=False)

    op.create_table(
        "pso_certificate",
        sa.Column("employer_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("level", sa.String(64), nullable=False),
        sa.Column("thirty_plus", sa.Boolean(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["employer_id"], ["employer.id"], name=op.f("fk_pso_certificate_employer_id")),
        sa.PrimaryKeyConstraint("employer_id", name=op.f("pk_pso_certificate")),
    )
    op.create_table(
        "absence",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("caseworker_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=True),
        sa.Column("backup_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("planned", sa.Boolean(), nullable=False),
        sa.Column("handed_over_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["backup_id"], ["caseworker.id"], name=op.f("fk_absence_backup_id")),
        sa.ForeignKeyConstraint(["caseworker_id"], ["caseworker.id"], name=op.f("fk_absence_caseworker_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absence")),
    )
    with op.batch_alter_table("absence", schema=None) as batch_op:
        batch_op.create_index("ix_absence_caseworker", ["caseworker_id", "last_day"], unique=False)

    op.create_table(
        "employer_contact",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("employer_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("region_code", sa.String(), nullable=False),
        sa.Column("side", sa.String(64), nullable=False),
        sa.Column("caseworker_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("name", sa.String(), nullable=True),
        sa.Column("phone", sa.String(), nullable=True),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(caseworker_id IS NOT NULL AND name IS NULL AND phone IS NULL AND email IS NULL) OR (caseworker_id IS NULL AND name IS NOT NULL AND phone IS NOT NULL AND email IS NOT NULL)",
            name=op.f("ck_employer_contact_one_side"),
        ),
        sa.ForeignKeyConstraint(["caseworker_id"], ["caseworker.id"], name=op.f("fk_employer_contact_caseworker_id")),
        sa.ForeignKeyConstraint(["employer_id"], ["employer.id"], name=op.f("fk_employer_contact_employer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_employer_contact")),
        sa.UniqueConstraint(
            "employer_id", "region_code", "side", name=op.f("uq_employer_contact_employer_id_region_code_side")
        ),
    )
    with op.batch_alter_table("employer_contact", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_employer_contact_caseworker_id"), ["caseworker_id"], unique=False)
        batch_op.create_index("ix_employer_contact_region", ["region_code", "id"], unique=False)

    op.create_table(
        "employment",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("employer_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("person_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("person_by_uwv", sa.Boolean(), server_default=sa.text("(false)"), nullable=False),
        sa.Column("establishment_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("reference", sa.String(), nullable=True),
        sa.Column("employee_number", sa.String(), nullable=True),
        sa.Column("start_date", sa.Date(), nullable=False),
        sa.Column("end_date", sa.Date(), nullable=True),
        sa.Column("contract_type", sa.String(64), nullable=False),
        sa.Column("hours_per_week", sa.Numeric(precision=5, scale=2), nullable=True),
        sa.Column("job_title", sa.String(), nullable=True),
        sa.Column("occupation_code", sa.String(), nullable=True),
        sa.Column("jobcoach_kind", sa.String(64), nullable=False),
        sa.Column("jobcoach_organisation_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("chain_since", sa.Date(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["employer_id"], ["employer.id"], name=op.f("fk_employment_employer_id")),
        sa.ForeignKeyConstraint(
            ["establishment_id"], ["establishment.id"], name=op.f("fk_employment_establishment_id")
        ),
        sa.ForeignKeyConstraint(
            ["jobcoach_organisation_id"], ["party.id"], name=op.f("fk_employment_jobcoach_organisation_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_employment_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_employment")),
        sa.UniqueConstraint("employer_id", "reference", name=op.f("uq_employment_employer_id_reference")),
    )
    with op.batch_alter_table("employment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_employment_end_date"), ["end_date"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_employment_jobcoach_organisation_id"), ["jobcoach_organisation_id"], unique=False
        )
        batch_op.create_index("ix_employment_list", ["employer_id", "id"], unique=False)
        batch_op.create_index("ix_employment_number", ["employer_id", "employee_number"], unique=False)
        batch_op.create_index(batch_op.f("ix_employment_person_id"), ["person_id"], unique=False)

    op.create_table(
        "reassignment",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("status", sa.String(64), nullable=False),
        sa.Column("chosen_by", sa.String(64), nullable=False),
        sa.Column("caseworker_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("office_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("postcodes4", sa.JSON(), nullable=True),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("employers", sa.Integer(), nullable=False),
        sa.Column("jobcoaches", sa.Integer(), nullable=False),
        sa.Column("targets", sa.JSON(), nullable=False),
        sa.Column("warnings", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["caseworker_id"], ["caseworker.id"], name=op.f("fk_reassignment_caseworker_id")),
        sa.ForeignKeyConstraint(["office_id"], ["office.id"], name=op.f("fk_reassignment_office_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reassignment")),
    )
    with op.batch_alter_table("reassignment", schema=None) as batch_op:
        batch_op.create_index("ix_reassignment_date", ["on_date", "id"], unique=False)
        batch_op.create_index("ix_reassignment_status", ["status"], unique=False)

    op.create_table(
        "agreement",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("employment_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("person_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("agreed_on", sa.Date(), nullable=False),
        sa.Column("with_employer", sa.Boolean(), nullable=False),
        sa.Column("jobcoach_organisation_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["employment_id"], ["employment.id"], name=op.f("fk_agreement_employment_id")),
        sa.ForeignKeyConstraint(
            ["jobcoach_organisation_id"], ["party.id"], name=op.f("fk_agreement_jobcoach_organisation_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_agreement_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreement")),
    )
    with op.batch_alter_table("agreement", schema=None) as batch_op:
        batch_op.create_index("ix_agreement_employment", ["employment_id", "agreed_on", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_agreement_person_id"), ["person_id"], unique=False)

    op.create_table(
        "assignment",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("person_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("caseworker_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("team_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("backup_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("note_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("reassignment_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["backup_id"], ["caseworker.id"], name=op.f("fk_assignment_backup_id")),
        sa.ForeignKeyConstraint(["caseworker_id"], ["caseworker.id"], name=op.f("fk_assignment_caseworker_id")),
        sa.ForeignKeyConstraint(["note_id"], ["handover_note.id"], name=op.f("fk_assignment_note_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_assignment_person_id")),
        sa.ForeignKeyConstraint(["reassignment_id"], ["reassignment.id"], name=op.f("fk_assignment_reassignment_id")),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_assignment_team_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignment")),
        sa.UniqueConstraint("person_id", "valid_from", name=op.f("uq_assignment_person_id_valid_from")),
    )
    with op.batch_alter_table("assignment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_assignment_backup_id"), ["backup_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_assignment_caseworker_id"), ["caseworker_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_assignment_note_id"), ["note_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_assignment_reassignment_id"), ["reassignment_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_assignment_team_id"), ["team_id"], unique=False)

    op.create_table(
        "call_back",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("party_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("party_kind", sa.String(64), nullable=False),
        sa.Column("employer_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("employment_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("subject", sa.String(64), nullable=False),
        sa.Column("phone", sa.LargeBinary(), nullable=False),
        sa.Column("windows", sa.JSON(), nullable=False),
        sa.Column("status", sa.String(64), nullable=False),
        sa.Column("shown_version", sa.Integer(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer_by", sa.Date(), nullable=False),
        sa.Column("due_by", sa.Date(), nullable=True),
        sa.Column("delayed_until", sa.Date(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_tried_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("over_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("handler_kind", sa.String(64), nullable=False),
        sa.Column("handler_caseworker_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("handler_team_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("handler_named", sa.Boolean(), nullable=False),
        sa.Column("escalate_on", sa.Date(), nullable=True),
        sa.Column("overdue_since", sa.Date(), nullable=True),
        sa.Column("escalated_since", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["employer_id"], ["employer.id"], name=op.f("fk_call_back_employer_id")),
        sa.ForeignKeyConstraint(["employment_id"], ["employment.id"], name=op.f("fk_call_back_employment_id")),
        sa.ForeignKeyConstraint(
            ["handler_caseworker_id"], ["caseworker.id"], name=op.f("fk_call_back_handler_caseworker_id")
        ),
        sa.ForeignKeyConstraint(["handler_team_id"], ["team.id"], name=op.f("fk_call_back_handler_team_id")),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"], name=op.f("fk_call_back_party_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_back")),
        sa.UniqueConstraint("number", name=op.f("uq_call_back_number")),
    )
    with op.batch_alter_table("call_back", schema=None) as batch_op:
        batch_op.create_index("ix_call_back_caseworker", ["handler_caseworker_id", "id"], unique=False)
        batch_op.create_index("ix_call_back_desk", ["handler_kind", "due_by", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_call_back_employer_id"), ["employer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_call_back_employment_id"), ["employment_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_call_back_escalate_on"), ["escalate_on"], unique=False)
        batch_op.create_index("ix_call_back_list", ["party_id", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_call_back_over_at"), ["over_at"], unique=False)
        batch_op.create_index(
            "uq_call_back_live",
            ["party_id", "employment_id", "subject"],
            unique=True,
            sqlite_where=sa.text("status IN ('open', 'delayed', 'not_reached') AND employment_id IS NOT NULL"),
            postgresql_where=sa.text("status IN ('open', 'delayed', 'not_reached') AND employment_id IS NOT NULL"),
        )
        batch_op.create_index(
            "uq_call_back_live_employer",
            ["party_id", "subject"],
            unique=True,
            sqlite_where=sa.text("status IN ('open', 'delayed', 'not_reached') AND employment_id IS NULL"),
            postgresql_where=sa.text("status IN ('open', 'delayed', 'not_reached') AND employment_id IS NULL"),
        )

    op.create_table(
        "candidate",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("person_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("employment_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("created_by", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("lead_party_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("lead_role", sa.String(64), nullable=False),
        sa.Column("occupations", sa.JSON(), nullable=False),
        sa.Column("hours_min", sa.Numeric(precision=5, scale=2), nullable=True),
        sa.Column("hours_max", sa.Numeric(precision=5, scale=2), nullable=True),
        sa.Column("postcode4", sa.String(), nullable=False),
        sa.Column("max_distance_km", sa.Numeric(precision=5, scale=2), nullable=False),
        sa.Column("available_from", sa.Date(), nullable=True),
        sa.Column("needs", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("cannot", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("language_level", sa.String(64), nullable=True),
        sa.Column("driving_licences", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("paused_until", sa.Date(), nullable=True),
        sa.Column("status", sa.String(64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("hours_min <= hours_max", name=op.f("ck_candidate_hours_in_order")),
        sa.ForeignKeyConstraint(["created_by"], ["party.id"], name=op.f("fk_candidate_created_by")),
        sa.ForeignKeyConstraint(["employment_id"], ["employment.id"], name=op.f("fk_candidate_employment_id")),
        sa.ForeignKeyConstraint(["lead_party_id"], ["party.id"], name=op.f("fk_candidate_lead_party_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_candidate_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_candidate")),
    )
    with op.batch_alter_table("candidate", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_candidate_employment_id"), ["employment_id"], unique=False)
        batch_op.create_index("ix_candidate_lead", ["lead_party_id", "id"], unique=False)
        batch_op.create_index("ix_candidate_pause", ["status", "paused_until"], unique=False)
        batch_op.create_index("ix_candidate_person", ["person_id"], unique=False)
        batch_op.create_index("ix_candidate_status", ["status", "id"], unique=False)
        batch_op.create_index(
            "uq_candidate_live",
            ["person_id"],
            unique=True,
            postgresql_where=sa.text("status IN ('available', 'paused')"),
            sqlite_where=sa.text("status IN ('available', 'paused')"),
        )

    op.create_table(
        "contract_end_signal",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("employment_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("employer_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("person_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("origin", sa.String(64), nullable=False),
        sa.Column("phase", sa.String(64), nullable=False),
        sa.Column("expected_end_date", sa.Date(), nullable=True),
        sa.Column("registered_end_date", sa.Date(), nullable=True),
        sa.Column("end_reason", sa.String(64), nullable=False),
        sa.Column("employee_informed", sa.Boolean(), nullable=False),
        sa.Column("consent_to_contact_employer", sa.String(64), nullable=False),
        sa.Column("vacancy_expected", sa.String(64), nullable=False),
        sa.Column("status", sa.String(64), nullable=False),
        sa.Column("employer_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("told_employer", sa.Integer(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acted_by_role", sa.String(), nullable=True),
        sa.Column("acted_by_name", sa.String(), nullable=True),
        sa.Column("acted_by_caseworker_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("acknowledge_by", sa.Date(), nullable=False),
        sa.Column("plan_by", sa.Date(), nullable=False),
        sa.Column("start_interview_by", sa.Date(), nullable=True),
        sa.Column("escalation_level", sa.String(64), nullable=True),
        sa.Column("escalated_since", sa.Date(), nullable=True),
        sa.Column("escalate_on", sa.Date(), nullable=True),
        sa.Column("outcome", sa.String(64), nullable=True),
        sa.Column("outcome_date", sa.Date(), nullable=True),
        sa.Column("gap_days", sa.Integer(), nullable=True),
        sa.Column("trial_started_on", sa.Date(), nullable=True),
        sa.Column("trial_gap_days", sa.Integer(), nullable=True),
        sa.Column("tell_employer", sa.Boolean(), nullable=False),
        sa.Column("freed_vacancy_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("freed_vacancy_status", sa.String(), nullable=True),
        sa.Column("freed_vacancy_opened_on", sa.Date(), nullable=True),
        sa.Column("freed_vacancy_filled_on", sa.Date(), nullable=True),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["employer_id"], ["employer.id"], name=op.f("fk_contract_end_signal_employer_id")),
        sa.ForeignKeyConstraint(
            ["employment_id"], ["employment.id"], name=op.f("fk_contract_end_signal_employment_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_contract_end_signal_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract_end_signal")),
        sa.UniqueConstraint("number", name=op.f("uq_contract_end_signal_number")),
    )
    with op.batch_alter_table("contract_end_signal", schema=None) as batch_op:
        batch_op.create_index("ix_contract_end_signal_clock", ["escalate_on"], unique=False)
        batch_op.create_index(batch_op.f("ix_contract_end_signal_employment_id"), ["employment_id"], unique=False)
        batch_op.create_index("ix_contract_end_signal_end", ["phase", "expected_end_date"], unique=False)
        batch_op.create_index("ix_contract_end_signal_list", ["employer_id", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_contract_end_signal_person_id"), ["person_id"], unique=False)
        batch_op.create_index(
            "uq_contract_end_signal_live",
            ["employment_id"],
            unique=True,
            sqlite_where=sa.text("status NOT IN ('closed', 'withdrawn')"),
            postgresql_where=sa.text("status NOT IN ('closed', 'withdrawn')"),
        )

    op.create_table(
        "link",
        sa.Column("employment_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("person_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("disclosed_since", sa.Date(), nullable=True),
        sa.Column("reason", sa.String(64), nullable=True),
        sa.Column("consent_on", sa.Date(), nullable=True),
        sa.Column("consent_means", sa.String(64), nullable=True),
        sa.Column("jobcoach_organisation_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("told_before", sa.Integer(), server_default="0", nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["employment_id"], ["employment.id"], name=op.f("fk_link_employment_id")),
        sa.ForeignKeyConstraint(
            ["jobcoach_organisation_id"], ["party.id"], name=op.f("fk_link_jobcoach_organisation_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_link_person_id")),
        sa.PrimaryKeyConstraint("employment_id", name=op.f("pk_link")),
    )
    with op.batch_alter_table("link", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_link_person_id"), ["person_id"], unique=False)

    op.create_table(
        "agreement_version",
        sa.Column("agreement_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_kind", sa.String(64), nullable=False),
        sa.Column("for_employer", sa.Boolean(), nullable=False),
        sa.Column("for_jobcoach", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agreement_id"], ["agreement.id"], name=op.f("fk_agreement_version_agreement_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("agreement_id", "version", name=op.f("pk_agreement_version")),
    )
    op.create_table(
        "candidate_occupation",
        sa.Column("candidate_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("isco_code", sa.String(), nullable=False),
        sa.Column("sub_major", sa.String(), nullable=False),
        sa.Column("south", sa.Double(), nullable=False),
        sa.Column("north", sa.Double(), nullable=False),
        sa.Column("west", sa.Double(), nullable=False),
        sa.Column("east", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(
            ["candidate_id"], ["candidate.id"], name=op.f("fk_candidate_occupation_candidate_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("candidate_id", "code", name=op.f("pk_candidate_occupation")),
    )
    with op.batch_alter_table("candidate_occupation", schema=None) as batch_op:
        batch_op.create_index(
            "ix_candidate_occupation_block",
            ["sub_major", "south", "north", "west", "east", "candidate_id"],
            unique=False,
        )
        batch_op.create_index("ix_candidate_occupation_code", ["code", "candidate_id"], unique=False)

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
        batch_op.create_index("ix_candidate_offer_party", ["party_id", "candidate_id"], unique=False)

    op.create_table(
        "contract_end_handover_profile",
        sa.Column("signal_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("tasks_done_well", sa.JSON(), nullable=False),
        sa.Column("hours_held", sa.Numeric(precision=5, scale=2), nullable=True),
        sa.Column("what_helps", sa.JSON(), nullable=False),
        sa.Column("certified_employer", sa.Boolean(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["signal_id"],
            ["contract_end_signal.id"],
            name=op.f("fk_contract_end_handover_profile_signal_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("signal_id", name=op.f("pk_contract_end_handover_profile")),
    )
    op.create_table(
        "contract_end_plan",
        sa.Column("signal_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("service", sa.String(64), nullable=False),
        sa.Column("start_date", sa.Date(), nullable=False),
        sa.Column("lead", sa.String(64), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["signal_id"], ["contract_end_signal.id"], name=op.f("fk_contract_end_plan_signal_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("signal_id", name=op.f("pk_contract_end_plan")),
    )
    op.create_table(
        "contract_end_report",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("signal_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("party_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("party_kind", sa.String(64), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("reference", sa.String(), nullable=True),
        sa.Column("phase", sa.String(64), nullable=False),
        sa.Column("expected_end_date", sa.Date(), nullable=True),
        sa.Column("end_reason", sa.String(64), nullable=False),
        sa.Column("employee_informed", sa.Boolean(), nullable=False),
        sa.Column("consent_to_contact_employer", sa.String(64), nullable=False),
        sa.Column("vacancy_expected", sa.String(64), nullable=False),
        sa.Column("receipt", sa.JSON(), nullable=False),
        sa.Column("visible_to_employer", sa.Boolean(), nullable=False),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("left_seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("left_acted_role", sa.String(), nullable=True),
        sa.Column("left_acted_name", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"], name=op.f("fk_contract_end_report_party_id")),
        sa.ForeignKeyConstraint(
            ["signal_id"], ["contract_end_signal.id"], name=op.f("fk_contract_end_report_signal_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract_end_report")),
        sa.UniqueConstraint("number", name=op.f("uq_contract_end_report_number")),
        sa.UniqueConstraint("signal_id", "party_id", name=op.f("uq_contract_end_report_signal_id_party_id")),
    )
    with op.batch_alter_table("contract_end_report", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_contract_end_report_party_id"), ["party_id"], unique=False)

    op.create_table(
        "contract_end_step",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("signal_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("what", sa.String(64), nullable=False),
        sa.Column("from_value", sa.String(), nullable=True),
        sa.Column("to_value", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("by_kind", sa.String(64), nullable=False),
        sa.Column("audience", sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(
            ["signal_id"], ["contract_end_signal.id"], name=op.f("fk_contract_end_step_signal_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract_end_step")),
    )
    with op.batch_alter_table("contract_end_step", schema=None) as batch_op:
        batch_op.create_index("ix_contract_end_step_signal", ["signal_id", "id"], unique=False)

    op.create_table(
        "vacancy",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("employer_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("reference", sa.String(), nullable=True),
        sa.Column("status", sa.String(64), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=True),
        sa.Column("occupation_code", sa.String(), nullable=False),
        sa.Column("tasks", sa.JSON(), nullable=False),
        sa.Column("hours_min", sa.Numeric(precision=5, scale=2), nullable=False),
        sa.Column("hours_max", sa.Numeric(precision=5, scale=2), nullable=False),
        sa.Column("start_date", sa.Date(), nullable=True),
        sa.Column("contract_type", sa.String(64), nullable=False),
        sa.Column("positions", sa.Integer(), nullable=False),
        sa.Column("filled_positions", sa.Integer(), nullable=False),
        sa.Column("language_level", sa.String(64), nullable=True),
        sa.Column("driving_licences", sa.JSON(), nullable=False),
        sa.Column("demands", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("offers", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("trial_placement", sa.Boolean(), nullable=False),
        sa.Column("jobcoach_arrangement", sa.String(64), nullable=False),
        sa.Column("establishment_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("postcode", sa.String(), nullable=True),
        sa.Column("municipality_code", sa.String(), nullable=False),
        sa.Column("region_code", sa.String(), nullable=False),
        sa.Column("latitude", sa.Double(), nullable=True),
        sa.Column("longitude", sa.Double(), nullable=True),
        sa.Column("freed_by_signal_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("opened_on", sa.Date(), nullable=True),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("filled_on", sa.Date(), nullable=True),
        sa.Column("chase_after", sa.Date(), nullable=True),
        sa.Column("with_desk_since", sa.Date(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("filled_positions BETWEEN 0 AND positions", name=op.f("ck_vacancy_positions_filled")),
        sa.CheckConstraint("hours_min <= hours_max", name=op.f("ck_vacancy_hours_in_order")),
        sa.ForeignKeyConstraint(["employer_id"], ["employer.id"], name=op.f("fk_vacancy_employer_id")),
        sa.ForeignKeyConstraint(["establishment_id"], ["establishment.id"], name=op.f("fk_vacancy_establishment_id")),
        sa.ForeignKeyConstraint(
            ["freed_by_signal_id"],
            ["contract_end_signal.id"],
            name=op.f("fk_vacancy_freed_by_signal_id"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vacancy")),
    )
    with op.batch_alter_table("vacancy", schema=None) as batch_op:
        batch_op.create_index("ix_vacancy_chase", ["status", "chase_after"], unique=False)
        batch_op.create_index("ix_vacancy_employer", ["employer_id", "id"], unique=False)
        batch_op.create_index("ix_vacancy_expiry", ["status", "expires_on"], unique=False)
        batch_op.create_index("ix_vacancy_place", ["status", "latitude", "longitude"], unique=False)
        batch_op.create_index("ix_vacancy_region", ["region_code", "status", "id"], unique=False)
        batch_op.create_index(
            "uq_vacancy_freed",
            ["freed_by_signal_id"],
            unique=True,
            postgresql_where=sa.text("status IN ('draft', 'on_hold', 'open')"),
            sqlite_where=sa.text("status IN ('draft', 'on_hold', 'open')"),
        )
        batch_op.create_index(
            "uq_vacancy_reference",
            ["employer_id", "reference"],
            unique=True,
            postgresql_where=sa.text("status IN ('draft', 'on_hold', 'open')"),
            sqlite_where=sa.text("status IN ('draft', 'on_hold', 'open')"),
        )

    op.create_table(
        "proposal",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("vacancy_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("employer_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("candidate_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("proposer_party_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("status", sa.String(64), nullable=False),
        sa.Column("was_proposed", sa.Boolean(), nullable=False),
        sa.Column("consent", sa.String(64), nullable=False),
        sa.Column("reason", sa.String(64), nullable=True),
        sa.Column("start_date", sa.Date(), nullable=True),
        sa.Column("end_date", sa.Date(), nullable=True),
        sa.Column("hours", sa.Numeric(precision=5, scale=2), nullable=True),
        sa.Column("intended_contract_months", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["candidate_id"], ["candidate.id"], name=op.f("fk_proposal_candidate_id")),
        sa.ForeignKeyConstraint(["employer_id"], ["employer.id"], name=op.f("fk_proposal_employer_id")),
        sa.ForeignKeyConstraint(["proposer_party_id"], ["party.id"], name=op.f("fk_proposal_proposer_party_id")),
        sa.ForeignKeyConstraint(["vacancy_id"], ["vacancy.id"], name=op.f("fk_proposal_vacancy_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal")),
    )
    with op.batch_alter_table("proposal", schema=None) as batch_op:
        batch_op.create_index("ix_proposal_candidate", ["candidate_id", "id"], unique=False)
        batch_op.create_index("ix_proposal_employer", ["employer_id", "id"], unique=False)
        batch_op.create_index("ix_proposal_proposer", ["proposer_party_id", "candidate_id"], unique=False)
        batch_op.create_index("ix_proposal_vacancy", ["vacancy_id", "id"], unique=False)
        batch_op.create_index(
            "uq_proposal_live",
            ["vacancy_id", "candidate_id"],
            unique=True,
            postgresql_where=sa.text(
                "status IN ('consented', 'introduced', 'proposed', 'requested', 'trial_placement')"
            ),
            sqlite_where=sa.text("status IN ('consented', 'introduced', 'proposed', 'requested', 'trial_placement')"),
        )

    op.create_table(
        "referral",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("vacancy_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("party_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("because", sa.String(64), nullable=False),
        sa.Column("status", sa.String(64), nullable=False),
        sa.Column("reason", sa.String(64), nullable=True),
        sa.Column("lead", sa.Boolean(), nullable=False),
        sa.Column("respond_by", sa.Date(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"], name=op.f("fk_referral_party_id")),
        sa.ForeignKeyConstraint(["vacancy_id"], ["vacancy.id"], name=op.f("fk_referral_vacancy_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referral")),
    )
    with op.batch_alter_table("referral", schema=None) as batch_op:
        batch_op.create_index("ix_referral_inbox", ["party_id", "status", "id"], unique=False)
        batch_op.create_index("ix_referral_party", ["party_id", "vacancy_id"], unique=False)
        batch_op.create_index("ix_referral_vacancy", ["vacancy_id", "id"], unique=False)
        batch_op.create_index(
            "uq_referral_lead",
            ["vacancy_id"],
            unique=True,
            postgresql_where=sa.text("lead"),
            sqlite_where=sa.text("lead"),
        )
        batch_op.create_index(
            "uq_referral_live",
            ["vacancy_id", "party_id"],
            unique=True,
            postgresql_where=sa.text("status IN ('accepted', 'at_capacity', 'seen', 'sent')"),
            sqlite_where=sa.text("status IN ('accepted', 'at_capacity', 'seen', 'sent')"),
        )

    op.create_table(
        "proposal_consent",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("proposal_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("state", sa.String(64), nullable=False),
        sa.Column("how", sa.String(64), nullable=True),
        sa.Column("asked_by", sa.String(), nullable=True),
        sa.Column("asked_on", sa.Date(), nullable=False),
        sa.Column("recorded_by", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposal.id"], name=op.f("fk_proposal_consent_proposal_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal_consent")),
    )
    with op.batch_alter_table("proposal_consent", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_proposal_consent_proposal_id"), ["proposal_id"], unique=False)

    op.create_table(
        "proposal_move",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("proposal_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.String(64), nullable=False),
        sa.Column("by_kind", sa.String(64), nullable=False),
        sa.Column("reason", sa.String(64), nullable=True),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposal.id"], name=op.f("fk_proposal_move_proposal_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal_move")),
    )
    with op.batch_alter_table("proposal_move", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_proposal_move_proposal_id"), ["proposal_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("proposal_move", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_proposal_move_proposal_id"))

    op.drop_table("proposal_move")
    with op.batch_alter_table("proposal_consent", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_proposal_consent_proposal_id"))

    op.drop_table("proposal_consent")
    with op.batch_alter_table("referral", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_referral_live",
            postgresql_where=sa.text("status IN ('accepted', 'at_capacity', 'seen', 'sent')"),
            sqlite_where=sa.text("status IN ('accepted', 'at_capacity', 'seen', 'sent')"),
        )
        batch_op.drop_index("uq_referral_lead", postgresql_where=sa.text("lead"), sqlite_where=sa.text("lead"))
        batch_op.drop_index("ix_referral_vacancy")
        batch_op.drop_index("ix_referral_party")
        batch_op.drop_index("ix_referral_inbox")

    op.drop_table("referral")
    with op.batch_alter_table("proposal", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_proposal_live",
            postgresql_where=sa.text(
                "status IN ('consented', 'introduced', 'proposed', 'requested', 'trial_placement')"
            ),
            sqlite_where=sa.text("status IN ('consented', 'introduced', 'proposed', 'requested', 'trial_placement')"),
        )
        batch_op.drop_index("ix_proposal_vacancy")
        batch_op.drop_index("ix_proposal_proposer")
        batch_op.drop_index("ix_proposal_employer")
        batch_op.drop_index("ix_proposal_candidate")

    op.drop_table("proposal")
    with op.batch_alter_table("vacancy", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_vacancy_reference",
            postgresql_where=sa.text("status IN ('draft', 'on_hold', 'open')"),
            sqlite_where=sa.text("status IN ('draft', 'on_hold', 'open')"),
        )
        batch_op.drop_index(
            "uq_vacancy_freed",
            postgresql_where=sa.text("status IN ('draft', 'on_hold', 'open')"),
            sqlite_where=sa.text("status IN ('draft', 'on_hold', 'open')"),
        )
        batch_op.drop_index("ix_vacancy_region")
        batch_op.drop_index("ix_vacancy_place")
        batch_op.drop_index("ix_vacancy_expiry")
        batch_op.drop_index("ix_vacancy_employer")
        batch_op.drop_index("ix_vacancy_chase")

    op.drop_table("vacancy")
    with op.batch_alter_table("contract_end_step", schema=None) as batch_op:
        batch_op.drop_index("ix_contract_end_step_signal")

    op.drop_table("contract_end_step")
    with op.batch_alter_table("contract_end_report", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_contract_end_report_party_id"))

    op.drop_table("contract_end_report")
    op.drop_table("contract_end_plan")
    op.drop_table("contract_end_handover_profile")
    with op.batch_alter_table("candidate_offer", schema=None) as batch_op:
        batch_op.drop_index("ix_candidate_offer_party")

    op.drop_table("candidate_offer")
    with op.batch_alter_table("candidate_occupation", schema=None) as batch_op:
        batch_op.drop_index("ix_candidate_occupation_code")
        batch_op.drop_index("ix_candidate_occupation_block")

    op.drop_table("candidate_occupation")
    op.drop_table("agreement_version")
    with op.batch_alter_table("link", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_link_person_id"))

    op.drop_table("link")
    with op.batch_alter_table("contract_end_signal", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_contract_end_signal_live",
            sqlite_where=sa.text("status NOT IN ('closed', 'withdrawn')"),
            postgresql_where=sa.text("status NOT IN ('closed', 'withdrawn')"),
        )
        batch_op.drop_index(batch_op.f("ix_contract_end_signal_person_id"))
        batch_op.drop_index("ix_contract_end_signal_list")
        batch_op.drop_index("ix_contract_end_signal_end")
        batch_op.drop_index(batch_op.f("ix_contract_end_signal_employment_id"))
        batch_op.drop_index("ix_contract_end_signal_clock")

    op.drop_table("contract_end_signal")
    with op.batch_alter_table("candidate", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_candidate_live",
            postgresql_where=sa.text("status IN ('available', 'paused')"),
            sqlite_where=sa.text("status IN ('available', 'paused')"),
        )
        batch_op.drop_index("ix_candidate_status")
        batch_op.drop_index("ix_candidate_person")
        batch_op.drop_index("ix_candidate_pause")
        batch_op.drop_index("ix_candidate_lead")
        batch_op.drop_index(batch_op.f("ix_candidate_employment_id"))

    op.drop_table("candidate")
    with op.batch_alter_table("call_back", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_call_back_live_employer",
            sqlite_where=sa.text("status IN ('open', 'delayed', 'not_reached') AND employment_id IS NULL"),
            postgresql_where=sa.text("status IN ('open', 'delayed', 'not_reached') AND employment_id IS NULL"),
        )
        batch_op.drop_index(
            "uq_call_back_live",
            sqlite_where=sa.text("status IN ('open', 'delayed', 'not_reached') AND employment_id IS NOT NULL"),
            postgresql_where=sa.text("status IN ('open', 'delayed', 'not_reached') AND employment_id IS NOT NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_call_back_over_at"))
        batch_op.drop_index("ix_call_back_list")
        batch_op.drop_index(batch_op.f("ix_call_back_escalate_on"))
        batch_op.drop_index(batch_op.f("ix_call_back_employment_id"))
        batch_op.drop_index(batch_op.f("ix_call_back_employer_id"))
        batch_op.drop_index("ix_call_back_desk")
        batch_op.drop_index("ix_call_back_caseworker")

    op.drop_table("call_back")
    with op.batch_alter_table("assignment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_assignment_team_id"))
        batch_op.drop_index(batch_op.f("ix_assignment_reassignment_id"))
        batch_op.drop_index(batch_op.f("ix_assignment_note_id"))
        batch_op.drop_index(batch_op.f("ix_assignment_caseworker_id"))
        batch_op.drop_index(batch_op.f("ix_assignment_backup_id"))

    op.drop_table("assignment")
    with op.batch_alter_table("agreement", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_agreement_person_id"))
        batch_op.drop_index("ix_agreement_employment")

    op.drop_table("agreement")
    with op.batch_alter_table("reassignment", schema=None) as batch_op:
        batch_op.drop_index("ix_reassignment_status")
        batch_op.drop_index("ix_reassignment_date")

    op.drop_table("reassignment")
    with op.batch_alter_table("employment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_employment_person_id"))
        batch_op.drop_index("ix_employment_number")
        batch_op.drop_index("ix_employment_list")
        batch_op.drop_index(batch_op.f("ix_employment_jobcoach_organisation_id"))
        batch_op.drop_index(batch_op.f("ix_employment_end_date"))

    op.drop_table("employment")
    with op.batch_alter_table("employer_contact", schema=None) as batch_op:
        batch_op.drop_index("ix_employer_contact_region")
        batch_op.drop_index(batch_op.f("ix_employer_contact_caseworker_id"))

    op.drop_table("employer_contact")
    with op.batch_alter_table("absence", schema=None) as batch_op:
        batch_op.drop_index("ix_absence_caseworker")

    op.drop_table("absence")
    op.drop_table("pso_certificate")
    with op.batch_alter_table("pool_member", schema=None) as batch_op:
        batch_op.drop_index("ix_pool_member_pool")
        batch_op.drop_index("ix_pool_member_party")

    op.drop_table("pool_member")
    with op.batch_alter_table("establishment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_establishment_employer_id"))

    op.drop_table("establishment")
    op.drop_table("client_grant")
    with op.batch_alter_table("caseworker", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_caseworker_office_id"))

    op.drop_table("caseworker")
    with op.batch_alter_table("team", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_team_office_id"))

    op.drop_table("team")
    with op.batch_alter_table("person_index", schema=None) as batch_op:
        batch_op.drop_index("ix_person_index_person")

    op.drop_table("person_index")
    op.drop_table("mobility_pool")
    op.drop_table("import_seen")
    with op.batch_alter_table("import_row", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_import_row_subject_id"))

    op.drop_table("import_row")
    with op.batch_alter_table("event_party", schema=None) as batch_op:
        batch_op.drop_index("ix_event_party_party")

    op.drop_table("event_party")
    op.drop_table("employer")
    with op.batch_alter_table("delivery", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_delivery_order",
            postgresql_where=sa.text("status = 'pending'"),
            sqlite_where=sa.text("status = 'pending'"),
        )
        batch_op.drop_index("ix_delivery_log")
        batch_op.drop_index(batch_op.f("ix_delivery_event_id"))
        batch_op.drop_index(
            "ix_delivery_due",
            postgresql_where=sa.text("status = 'pending'"),
            sqlite_where=sa.text("status = 'pending'"),
        )

    op.drop_table("delivery")
    with op.batch_alter_table("contact_told", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_contact_told_look_again_on"))

    op.drop_table("contact_told")
    with op.batch_alter_table("client", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_client_party_id"))

    op.drop_table("client")
    with op.batch_alter_table("webhook", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_webhook_client_id"))

    op.drop_table("webhook")
    with op.batch_alter_table("used_assertion", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_used_assertion_expires_at"))

    op.drop_table("used_assertion")
    with op.batch_alter_table("upload_piece", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_upload_piece_created_at"))

    op.drop_table("upload_piece")
    op.drop_table("person")
    with op.batch_alter_table("party", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_party_region_code"))
        batch_op.drop_index("ix_party_kind")

    op.drop_table("party")
    with op.batch_alter_table("office", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_office_region_code"))

    op.drop_table("office")
    with op.batch_alter_table("mail", schema=None) as batch_op:
        batch_op.drop_index("ix_mail_due")
        batch_op.drop_index(batch_op.f("ix_mail_created_at"))

    op.drop_table("mail")
    with op.batch_alter_table("import_job", schema=None) as batch_op:
        batch_op.drop_index("ix_import_job_status")
        batch_op.drop_index(batch_op.f("ix_import_job_party_id"))
        batch_op.drop_index(batch_op.f("ix_import_job_finished_at"))

    op.drop_table("import_job")
    with op.batch_alter_table("idempotency_key", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_idempotency_key_created_at"))

    op.drop_table("idempotency_key")
    op.drop_table("handover_note")
    op.drop_table("event_head")
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_event_unpositioned",
            postgresql_where=sa.text("position IS NULL"),
            sqlite_where=sa.text("position IS NULL"),
        )
        batch_op.drop_index("ix_event_subject")
        batch_op.drop_index("ix_event_at")

    op.drop_table("event")
    with op.batch_alter_table("consumer_failure", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_consumer_failure_failed_at"))

    op.drop_table("consumer_failure")
    op.drop_table("consumer_cursor")
    with op.batch_alter_table("client_usage", schema=None) as batch_op:
        batch_op.drop_index("ix_client_usage_day")

    op.drop_table("client_usage")
    with op.batch_alter_table("access_entry", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_access_entry_person_id"))
        batch_op.drop_index(batch_op.f("ix_access_entry_at"))

    op.drop_table("access_entry")

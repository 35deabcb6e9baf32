"""Early and answered"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "wage_round",
        sa.Column("day", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_wage_round")),
    )
    op.create_table(
        "import_failed",
        sa.Column("job_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["job_id"], ["import_job.id"], name=op.f("fk_import_failed_job_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("job_id", "number", name=op.f("pk_import_failed")),
    )
    op.create_table(
        "calendar_feed",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("client_id", sa.String(), nullable=False),
        sa.Column("party_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kinds", sa.JSON(), nullable=False),
        sa.Column("language", sa.String(64), nullable=False),
        sa.Column("caseworker_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("team_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("office_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("remind_days_before", sa.Integer(), nullable=True),
        sa.Column("secret_digest", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["client_id"], ["client.id"], name=op.f("fk_calendar_feed_client_id")),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"], name=op.f("fk_calendar_feed_party_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_feed")),
        sa.UniqueConstraint("secret_digest", name=op.f("uq_calendar_feed_secret_digest")),
    )
    with op.batch_alter_table("calendar_feed", schema=None) as batch_op:
        batch_op.create_index("ix_calendar_feed_client", ["client_id"], unique=False)
        batch_op.create_index("ix_calendar_feed_party", ["party_id", "id"], unique=False)

    op.create_table(
        "import_mapping",
        sa.Column("employer_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.Column("words", sa.JSON(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["employer_id"], ["employer.id"], name=op.f("fk_import_mapping_employer_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("employer_id", name=op.f("pk_import_mapping")),
    )
    op.create_table(
        "employment_question",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("employment_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("employer_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("status", sa.String(64), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer_by", sa.Date(), nullable=False),
        sa.Column("steps", sa.Integer(), nullable=False),
        sa.Column("look_on", sa.Date(), nullable=True),
        sa.Column("late_since", sa.Date(), nullable=True),
        sa.Column("last_wage_month", sa.Date(), nullable=True),
        sa.Column("proposed_end_date", sa.Date(), nullable=True),
        sa.Column("job_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("answer", sa.String(64), nullable=True),
        sa.Column("end_date", sa.Date(), nullable=True),
        sa.Column("lapsed_because", sa.String(64), nullable=True),
        sa.Column("over_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("quiet_until", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["employer_id"], ["employer.id"], name=op.f("fk_employment_question_employer_id")),
        sa.ForeignKeyConstraint(
            ["employment_id"], ["employment.id"], name=op.f("fk_employment_question_employment_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_employment_question")),
    )
    with op.batch_alter_table("employment_question", schema=None) as batch_op:
        batch_op.create_index("ix_employment_question_employment", ["employment_id", "kind"], unique=False)
        batch_op.create_index("ix_employment_question_inbox", ["employer_id", "answer_by", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_employment_question_look_on"), ["look_on"], unique=False)
        batch_op.create_index(batch_op.f("ix_employment_question_over_at"), ["over_at"], unique=False)
        batch_op.create_index("ix_employment_question_status", ["status", "answer_by", "id"], unique=False)
        batch_op.create_index(
            "uq_employment_question_open",
            ["employment_id", "kind"],
            unique=True,
            sqlite_where=sa.text("status = 'open'"),
            postgresql_where=sa.text("status = 'open'"),
        )

    op.create_table(
        "second_track",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("employment_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("employer_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("reference", sa.String(), nullable=True),
        sa.Column("waiting_period_ends_on", sa.Date(), nullable=False),
        sa.Column("regular_end_on", sa.Date(), nullable=False),
        sa.Column("waiting_period_change", sa.String(64), nullable=True),
        sa.Column("planned_start_on", sa.Date(), nullable=True),
        sa.Column("agency", sa.String(64), nullable=False),
        sa.Column("employee_informed", sa.Boolean(), nullable=False),
        sa.Column("vacancy_expected", sa.String(64), nullable=False),
        sa.Column("status", sa.String(64), nullable=False),
        sa.Column("outcome", sa.String(64), nullable=True),
        sa.Column("outcome_by", sa.String(64), nullable=True),
        sa.Column("acknowledge_by", sa.Date(), nullable=False),
        sa.Column("escalate_on", sa.Date(), nullable=True),
        sa.Column("escalated_since", sa.Date(), nullable=True),
        sa.Column("remind_on", sa.Date(), nullable=True),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("over_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["employer_id"], ["employer.id"], name=op.f("fk_second_track_employer_id")),
        sa.ForeignKeyConstraint(["employment_id"], ["employment.id"], name=op.f("fk_second_track_employment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_second_track")),
        sa.UniqueConstraint("number", name=op.f("uq_second_track_number")),
    )
    with op.batch_alter_table("second_track", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_second_track_employment_id"), ["employment_id"], unique=False)
        batch_op.create_index("ix_second_track_end", ["status", "waiting_period_ends_on"], unique=False)
        batch_op.create_index(batch_op.f("ix_second_track_escalate_on"), ["escalate_on"], unique=False)
        batch_op.create_index("ix_second_track_list", ["employer_id", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_second_track_over_at"), ["over_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_second_track_remind_on"), ["remind_on"], unique=False)
        batch_op.create_index(
            "uq_second_track_live",
            ["employment_id"],
            unique=True,
            sqlite_where=sa.text("status NOT IN ('closed', 'withdrawn')"),
            postgresql_where=sa.text("status NOT IN ('closed', 'withdrawn')"),
        )

    op.create_table(
        "contract_end_checklist_mark",
        sa.Column("signal_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("item", sa.String(64), nullable=False),
        sa.Column("whose", sa.String(64), nullable=False),
        sa.Column("done", sa.Boolean(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["signal_id"],
            ["contract_end_signal.id"],
            name=op.f("fk_contract_end_checklist_mark_signal_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("signal_id", "item", name=op.f("pk_contract_end_checklist_mark")),
    )
    op.create_table(
        "contract_end_coach_profile",
        sa.Column("signal_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("party_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("tasks_done_well", sa.JSON(), nullable=False),
        sa.Column("hours_held", sa.Numeric(precision=5, scale=2), nullable=True),
        sa.Column("hours_held_min", sa.Numeric(precision=5, scale=2), nullable=True),
        sa.Column("what_helps", sa.JSON(), nullable=False),
        sa.Column("what_was_missing", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("growth_wishes", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("came_by", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"], name=op.f("fk_contract_end_coach_profile_party_id")),
        sa.ForeignKeyConstraint(
            ["signal_id"],
            ["contract_end_signal.id"],
            name=op.f("fk_contract_end_coach_profile_signal_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("signal_id", "party_id", name=op.f("pk_contract_end_coach_profile")),
    )
    op.create_table(
        "contract_end_own_view",
        sa.Column("signal_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("opinions", sa.JSON(), nullable=False),
        sa.Column("wants_hours_min", sa.Numeric(precision=5, scale=2), nullable=True),
        sa.Column("wants_hours_max", sa.Numeric(precision=5, scale=2), nullable=True),
        sa.Column("wants_conditions", sa.JSON(), nullable=False),
        sa.Column("not_now", sa.Boolean(), nullable=False),
        sa.Column("contradicted_reason", sa.String(64), nullable=True),
        sa.Column("contradicts_phase", sa.Boolean(), nullable=False),
        sa.Column("told_on", sa.Date(), nullable=False),
        sa.Column("means", sa.String(64), nullable=False),
        sa.Column("caseworker_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("tasks_done_well", sa.JSON(), nullable=False),
        sa.Column("hours_held", sa.Numeric(precision=5, scale=2), nullable=True),
        sa.Column("hours_held_min", sa.Numeric(precision=5, scale=2), nullable=True),
        sa.Column("what_helps", sa.JSON(), nullable=False),
        sa.Column("what_was_missing", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("growth_wishes", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("came_by", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["signal_id"],
            ["contract_end_signal.id"],
            name=op.f("fk_contract_end_own_view_signal_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("signal_id", name=op.f("pk_contract_end_own_view")),
    )
    op.create_table(
        "contract_end_plan_version",
        sa.Column("signal_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_kind", sa.String(64), nullable=True),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["signal_id"],
            ["contract_end_signal.id"],
            name=op.f("fk_contract_end_plan_version_signal_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("signal_id", "version", name=op.f("pk_contract_end_plan_version")),
    )
    op.create_table(
        "second_track_step",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("second_track_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("what", sa.String(64), nullable=False),
        sa.Column("from_value", sa.String(), nullable=True),
        sa.Column("to_value", sa.String(), nullable=True),
        sa.Column("by_kind", sa.String(64), nullable=False),
        sa.Column("audience", sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(
            ["second_track_id"],
            ["second_track.id"],
            name=op.f("fk_second_track_step_second_track_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_second_track_step")),
    )
    with op.batch_alter_table("second_track_step", schema=None) as batch_op:
        batch_op.create_index("ix_second_track_step_history", ["second_track_id", "id"], unique=False)

    op.create_table(
        "contract_end_imported",
        sa.Column("job_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("report_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("outcome", sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(
            ["job_id"], ["import_job.id"], name=op.f("fk_contract_end_imported_job_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["report_id"],
            ["contract_end_report.id"],
            name=op.f("fk_contract_end_imported_report_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("job_id", "number", name=op.f("pk_contract_end_imported")),
    )
    with op.batch_alter_table("contract_end_imported", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_contract_end_imported_report_id"), ["report_id"], unique=False)

    with op.batch_alter_table("contract_end_handover_profile", schema=None) as batch_op:
        batch_op.add_column(sa.Column("hours_held_min", sa.Numeric(precision=5, scale=2), nullable=True))
        batch_op.add_column(sa.Column("what_was_missing", sa.JSON(none_as_null=True), nullable=True))
        batch_op.add_column(sa.Column("growth_wishes", sa.JSON(none_as_null=True), nullable=True))
        batch_op.add_column(sa.Column("came_by", sa.JSON(none_as_null=True), nullable=True))

    with op.batch_alter_table("contract_end_plan", schema=None) as batch_op:
        batch_op.add_column(sa.Column("beside", sa.JSON(), server_default="[]", nullable=False))
        batch_op.add_column(sa.Column("end_date", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("readiness", sa.String(64), nullable=True))
        batch_op.add_column(sa.Column("jobcoach_continues", sa.Boolean(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("changed_by", sa.String(64), nullable=True))

    with op.batch_alter_table("contract_end_report", schema=None) as batch_op:
        batch_op.add_column(sa.Column("looked_end", sa.Date(), nullable=True))
        batch_op.create_index(
            "ix_contract_end_report_over",
            ["expected_end_date"],
            unique=False,
            sqlite_where=sa.text(
                "phase = 'decided' AND withdrawn_at IS NULL AND (looked_end IS NULL OR looked_end <> expected_end_date)"
            ),
            postgresql_where=sa.text(
                "phase = 'decided' AND withdrawn_at IS NULL AND (looked_end IS NULL OR looked_end <> expected_end_date)"
            ),
        )

    with op.batch_alter_table("contract_end_signal", schema=None) as batch_op:
        batch_op.add_column(sa.Column("profile_asked_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("profile_given_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("contradicted_reason", sa.String(64), nullable=True))
        batch_op.add_column(sa.Column("contradicts_phase", sa.Boolean(), nullable=True))
        batch_op.add_column(sa.Column("contradicted_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("contradicted_means", sa.String(64), nullable=True))
        batch_op.add_column(sa.Column("paused_until", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("pause_wish", sa.String(64), nullable=True))
        batch_op.add_column(sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("paused_by", sa.String(64), nullable=True))
        batch_op.add_column(sa.Column("resumed_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("interview_result", sa.String(64), nullable=True))
        batch_op.add_column(sa.Column("interview_held_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("interview_recorded_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("asked_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("answer_by", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("question_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("reminded_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("unanswered_since", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("answer", sa.String(64), nullable=True))
        batch_op.add_column(sa.Column("answered_on", sa.Date(), nullable=True))
        batch_op.create_index(
            "ix_contract_end_signal_acknowledge", ["status", "acknowledge_by", "reported_at", "id"], unique=False
        )
        batch_op.create_index("ix_contract_end_signal_await", ["status", "phase", "planned_at", "id"], unique=False)
        batch_op.create_index(
            "ix_contract_end_signal_carry_out", ["status", "phase", "expected_end_date"], unique=False
        )
        batch_op.create_index(
            "ix_contract_end_signal_interview", ["status", "phase", "start_interview_by"], unique=False
        )
        batch_op.create_index(
            "ix_contract_end_signal_over",
            ["expected_end_date"],
            unique=False,
            sqlite_where=sa.text("phase = 'decided' AND status NOT IN ('closed', 'withdrawn')"),
            postgresql_where=sa.text("phase = 'decided' AND status NOT IN ('closed', 'withdrawn')"),
        )
        batch_op.create_index("ix_contract_end_signal_pause", ["paused_until"], unique=False)
        batch_op.create_index("ix_contract_end_signal_plan", ["status", "plan_by"], unique=False)
        batch_op.create_index(
            "ix_contract_end_signal_question",
            ["question_on"],
            unique=False,
            sqlite_where=sa.text("question_on IS NOT NULL"),
            postgresql_where=sa.text("question_on IS NOT NULL"),
        )

    with op.batch_alter_table("employment", schema=None) as batch_op:
        batch_op.add_column(sa.Column("last_wage_month", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("end_said_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("warned_end", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("warned_wages", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("known_on", sa.Date(), nullable=True))
        batch_op.create_index(
            "ix_employment_to_warn",
            ["end_date", "id"],
            unique=False,
            sqlite_where=sa.text("end_date IS NOT NULL AND (warned_end IS NULL OR warned_end <> end_date)"),
            postgresql_where=sa.text("end_date IS NOT NULL AND (warned_end IS NULL OR warned_end <> end_date)"),
        )
        batch_op.create_index(
            "ix_employment_unlinked",
            ["created_at", "id"],
            unique=False,
            sqlite_where=sa.text("person_id IS NOT NULL AND known_on IS NULL"),
            postgresql_where=sa.text("person_id IS NOT NULL AND known_on IS NULL"),
        )
        batch_op.create_index(
            "ix_employment_wages",
            ["last_wage_month"],
            unique=False,
            sqlite_where=sa.text("end_date IS NULL AND last_wage_month IS NOT NULL"),
            postgresql_where=sa.text("end_date IS NULL AND last_wage_month IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_employment_without_wages",
            ["last_wage_month", "id"],
            unique=False,
            sqlite_where=sa.text(
                "end_date IS NULL AND last_wage_month IS NOT NULL AND (warned_wages IS NULL OR warned_wages <> last_wage_month)"
            ),
            postgresql_where=sa.text(
                "end_date IS NULL AND last_wage_month IS NOT NULL AND (warned_wages IS NULL OR warned_wages <> last_wage_month)"
            ),
        )

    with op.batch_alter_table("import_job", schema=None) as batch_op:
        batch_op.add_column(sa.Column("own_names", sa.JSON(none_as_null=True), nullable=True))
        batch_op.add_column(sa.Column("tally", sa.JSON(none_as_null=True), nullable=True))
        batch_op.add_column(sa.Column("remarks", sa.JSON(none_as_null=True), nullable=True))
        batch_op.add_column(sa.Column("failed_kept", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("failed_size", sa.Integer(), server_default="0", nullable=False))

    with op.batch_alter_table("proposal", schema=None) as batch_op:
        batch_op.add_column(sa.Column("rules_version", sa.String(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("proposal", schema=None) as batch_op:
        batch_op.drop_column("rules_version")

    with op.batch_alter_table("import_job", schema=None) as batch_op:
        batch_op.drop_column("failed_size")
        batch_op.drop_column("failed_kept")
        batch_op.drop_column("remarks")
        batch_op.drop_column("tally")
        batch_op.drop_column("own_names")

    with op.batch_alter_table("employment", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_employment_without_wages",
            sqlite_where=sa.text(
                "end_date IS NULL AND last_wage_month IS NOT NULL AND (warned_wages IS NULL OR warned_wages <> last_wage_month)"
            ),
            postgresql_where=sa.text(
                "end_date IS NULL AND last_wage_month IS NOT NULL AND (warned_wages IS NULL OR warned_wages <> last_wage_month)"
            ),
        )
        batch_op.drop_index(
            "ix_employment_wages",
            sqlite_where=sa.text("end_date IS NULL AND last_wage_month IS NOT NULL"),
            postgresql_where=sa.text("end_date IS NULL AND last_wage_month IS NOT NULL"),
        )
        batch_op.drop_index(
            "ix_employment_unlinked",
            sqlite_where=sa.text("person_id IS NOT NULL AND known_on IS NULL"),
            postgresql_where=sa.text("person_id IS NOT NULL AND known_on IS NULL"),
        )
        batch_op.drop_index(
            "ix_employment_to_warn",
            sqlite_where=sa.text("end_date IS NOT NULL AND (warned_end IS NULL OR warned_end <> end_date)"),
            postgresql_where=sa.text("end_date IS NOT NULL AND (warned_end IS NULL OR warned_end <> end_date)"),
        )
        batch_op.drop_column("known_on")
        batch_op.drop_column("warned_wages")
        batch_op.drop_column("warned_end")
        batch_op.drop_column("end_said_on")
        batch_op.drop_column("last_wage_month")

    with op.batch_alter_table("contract_end_signal", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_contract_end_signal_question",
            sqlite_where=sa.text("question_on IS NOT NULL"),
            postgresql_where=sa.text("question_on IS NOT NULL"),
        )
        batch_op.drop_index("ix_contract_end_signal_plan")
        batch_op.drop_index("ix_contract_end_signal_pause")
        batch_op.drop_index(
            "ix_contract_end_signal_over",
            sqlite_where=sa.text("phase = 'decided' AND status NOT IN ('closed', 'withdrawn')"),
            postgresql_where=sa.text("phase = 'decided' AND status NOT IN ('closed', 'withdrawn')"),
        )
        batch_op.drop_index("ix_contract_end_signal_interview")
        batch_op.drop_index("ix_contract_end_signal_carry_out")
        batch_op.drop_index("ix_contract_end_signal_await")
        batch_op.drop_index("ix_contract_end_signal_acknowledge")
        batch_op.drop_column("answered_on")
        batch_op.drop_column("answer")
        batch_op.drop_column("unanswered_since")
        batch_op.drop_column("reminded_on")
        batch_op.drop_column("question_on")
        batch_op.drop_column("answer_by")
        batch_op.drop_column("asked_on")
        batch_op.drop_column("interview_recorded_at")
        batch_op.drop_column("interview_held_on")
        batch_op.drop_column("interview_result")
        batch_op.drop_column("resumed_on")
        batch_op.drop_column("paused_by")
        batch_op.drop_column("paused_at")
        batch_op.drop_column("pause_wish")
        batch_op.drop_column("paused_until")
        batch_op.drop_column("contradicted_means")
        batch_op.drop_column("contradicted_on")
        batch_op.drop_column("contradicts_phase")
        batch_op.drop_column("contradicted_reason")
        batch_op.drop_column("profile_given_on")
        batch_op.drop_column("profile_asked_on")

    with op.batch_alter_table("contract_end_report", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_contract_end_report_over",
            sqlite_where=sa.text(
                "phase = 'decided' AND withdrawn_at IS NULL AND (looked_end IS NULL OR looked_end <> expected_end_date)"
            ),
            postgresql_where=sa.text(
                "phase = 'decided' AND withdrawn_at IS NULL AND (looked_end IS NULL OR looked_end <> expected_end_date)"
            ),
        )
        batch_op.drop_column("looked_end")

    with op.batch_alter_table("contract_end_plan", schema=None) as batch_op:
        batch_op.drop_column("changed_by")
        batch_op.drop_column("jobcoach_continues")
        batch_op.drop_column("readiness")
        batch_op.drop_column("end_date")
        batch_op.drop_column("beside")

    with op.batch_alter_table("contract_end_handover_profile", schema=None) as batch_op:
        batch_op.drop_column("came_by")
        batch_op.drop_column("growth_wishes")
        batch_op.drop_column("what_was_missing")
        batch_op.drop_column("hours_held_min")

    with op.batch_alter_table("contract_end_imported", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_contract_end_imported_report_id"))

    op.drop_table("contract_end_imported")
    with op.batch_alter_table("second_track_step", schema=None) as batch_op:
        batch_op.drop_index("ix_second_track_step_history")

    op.drop_table("second_track_step")
    op.drop_table("contract_end_plan_version")
    op.drop_table("contract_end_own_view")
    op.drop_table("contract_end_coach_profile")
    op.drop_table("contract_end_checklist_mark")
    with op.batch_alter_table("second_track", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_second_track_live",
            sqlite_where=sa.text("status NOT IN ('closed', 'withdrawn')"),
            postgresql_where=sa.text("status NOT IN ('closed', 'withdrawn')"),
        )
        batch_op.drop_index(batch_op.f("ix_second_track_remind_on"))
        batch_op.drop_index(batch_op.f("ix_second_track_over_at"))
        batch_op.drop_index("ix_second_track_list")
        batch_op.drop_index(batch_op.f("ix_second_track_escalate_on"))
        batch_op.drop_index("ix_second_track_end")
        batch_op.drop_index(batch_op.f("ix_second_track_employment_id"))

    op.drop_table("second_track")
    with op.batch_alter_table("employment_question", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_employment_question_open",
            sqlite_where=sa.text("status = 'open'"),
            postgresql_where=sa.text("status = 'open'"),
        )
        batch_op.drop_index("ix_employment_question_status")
        batch_op.drop_index(batch_op.f("ix_employment_question_over_at"))
        batch_op.drop_index(batch_op.f("ix_employment_question_look_on"))
        batch_op.drop_index("ix_employment_question_inbox")
        batch_op.drop_index("ix_employment_question_employment")

    op.drop_table("employment_question")
    op.drop_table("import_mapping")
    with op.batch_alter_table("calendar_feed", schema=None) as batch_op:
        batch_op.drop_index("ix_calendar_feed_party")
        batch_op.drop_index("ix_calendar_feed_client")

    op.drop_table("calendar_feed")
    op.drop_table("import_failed")
    op.drop_table("wage_round")

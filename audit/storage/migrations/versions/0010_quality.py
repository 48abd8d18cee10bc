"""Scorecards, sessions, sampling plans, assignments, reviews and disputes."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "quality_assignments",
        sa.Column("assignment_id", sa.String(length=12), nullable=False, comment="random"),
        sa.Column("session_id", sa.String(length=32), nullable=False, comment="in hex"),
        sa.Column("reviewer", sa.String(length=200), nullable=False, comment="who is to review it"),
        sa.Column("due_at_ms", sa.BigInteger(), nullable=False, comment="until when"),
        sa.Column("body", sa.Text(), nullable=False, comment="Assignment"),
        sa.PrimaryKeyConstraint("assignment_id", name=op.f("pk_quality_assignments")),
    )
    with op.batch_alter_table("quality_assignments", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_quality_assignments_reviewer"), ["reviewer"], unique=False)
        batch_op.create_index(batch_op.f("ix_quality_assignments_session_id"), ["session_id"], unique=False)

    op.create_table(
        "quality_mystery_sessions",
        sa.Column("session_id", sa.String(length=32), nullable=False, comment="in hex; may not have happened yet"),
        sa.Column("sealed", sa.LargeBinary(), nullable=False, comment="MysteryFlag"),
        sa.PrimaryKeyConstraint("session_id", name=op.f("pk_quality_mystery_sessions")),
    )
    op.create_table(
        "quality_plans",
        sa.Column("name", sa.String(length=63), nullable=False, comment="never used for another plan"),
        sa.Column("body", sa.Text(), nullable=False, comment="SamplingPlan, with its seed"),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_quality_plans")),
    )
    op.create_table(
        "quality_scorecards",
        sa.Column("scorecard", sa.String(length=63), nullable=False, comment="its id"),
        sa.Column("version", sa.Integer(), nullable=False, comment="from 1; never changed once kept"),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False, comment="SHA-256 of the content"),
        sa.Column("kept_at_ms", sa.BigInteger(), nullable=False, comment="when it was taken in"),
        sa.Column("body", sa.Text(), nullable=False, comment="Scorecard"),
        sa.PrimaryKeyConstraint("scorecard", "version", name=op.f("pk_quality_scorecards")),
    )
    op.create_table(
        "quality_sessions",
        sa.Column("session_id", sa.String(length=32), nullable=False, comment="in hex"),
        sa.Column("ended_at_ms", sa.BigInteger(), nullable=True, comment="null while it goes on"),
        sa.Column(
            "stamp",
            sa.String(length=64),
            nullable=False,
            comment="what the recording's files looked like when it was read",
        ),
        sa.Column("sealed", sa.LargeBinary(), nullable=False, comment="SessionFacts, without `mystery`"),
        sa.PrimaryKeyConstraint("session_id", name=op.f("pk_quality_sessions")),
    )
    with op.batch_alter_table("quality_sessions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_quality_sessions_ended_at_ms"), ["ended_at_ms"], unique=False)

    op.create_table(
        "quality_reviews",
        sa.Column("assignment_id", sa.String(length=12), nullable=False, comment="one review for each assignment"),
        sa.Column(
            "submitted_at_ms",
            sa.BigInteger(),
            nullable=True,
            comment="null: a draft; once set, nothing changes any more",
        ),
        sa.Column("sealed", sa.LargeBinary(), nullable=False, comment="Review"),
        sa.ForeignKeyConstraint(
            ["assignment_id"],
            ["quality_assignments.assignment_id"],
            name=op.f("fk_quality_reviews_assignment_id_quality_assignments"),
        ),
        sa.PrimaryKeyConstraint("assignment_id", name=op.f("pk_quality_reviews")),
    )
    op.create_table(
        "quality_runs",
        sa.Column("run_id", sa.String(length=12), nullable=False, comment="random"),
        sa.Column("plan", sa.String(length=63), nullable=False, comment="which was run"),
        sa.Column("ran_at_ms", sa.BigInteger(), nullable=False, comment="when"),
        sa.Column(
            "body", sa.Text(), nullable=False, comment="SampleRun: the population of each stratum, and what was drawn"
        ),
        sa.ForeignKeyConstraint(["plan"], ["quality_plans.name"], name=op.f("fk_quality_runs_plan_quality_plans")),
        sa.PrimaryKeyConstraint("run_id", name=op.f("pk_quality_runs")),
    )
    with op.batch_alter_table("quality_runs", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_quality_runs_plan"), ["plan"], unique=False)
        batch_op.create_index(batch_op.f("ix_quality_runs_ran_at_ms"), ["ran_at_ms"], unique=False)

    op.create_table(
        "quality_disputes",
        sa.Column("assignment_id", sa.String(length=12), nullable=False, comment="one dispute for each review"),
        sa.Column(
            "outcome", sa.String(length=8), nullable=True, comment="null: not decided; once set, nothing changes"
        ),
        sa.Column("sealed", sa.LargeBinary(), nullable=False, comment="Dispute"),
        sa.ForeignKeyConstraint(
            ["assignment_id"],
            ["quality_reviews.assignment_id"],
            name=op.f("fk_quality_disputes_assignment_id_quality_reviews"),
        ),
        sa.PrimaryKeyConstraint("assignment_id", name=op.f("pk_quality_disputes")),
    )


def downgrade() -> None:
    op.drop_table("quality_disputes")
    with op.batch_alter_table("quality_runs", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_quality_runs_ran_at_ms"))
        batch_op.drop_index(batch_op.f("ix_quality_runs_plan"))

    op.drop_table("quality_runs")
    op.drop_table("quality_reviews")
    with op.batch_alter_table("quality_sessions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_quality_sessions_ended_at_ms"))

    op.drop_table("quality_sessions")
    op.drop_table("quality_scorecards")
    op.drop_table("quality_plans")
    op.drop_table("quality_mystery_sessions")
    with op.batch_alter_table("quality_assignments", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_quality_assignments_session_id"))
        batch_op.drop_index(batch_op.f("ix_quality_assignments_reviewer"))

    op.drop_table("quality_assignments")

"""The tables of quality. `body` is the msgspec struct in JSON, which is the schema; the columns are what is looked for.
A `sealed` one is under the session's key, where there is one: erasing that erases it, from copies of the database too.

Change one, then write a migration: a test compares the two.
"""

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from audit.storage.tables import Base
from serving.tables import UnixMs


class ScorecardRow(Base):
    __tablename__ = "quality_scorecards"

    scorecard: Mapped[str] = mapped_column(String(63), primary_key=True, comment="its id")
    version: Mapped[int] = mapped_column(primary_key=True, comment="from 1; never changed once kept")
    digest: Mapped[bytes] = mapped_column(LargeBinary(32), comment="SHA-256 of the content")
    kept_at_ms: Mapped[UnixMs] = mapped_column(comment="when it was taken in")
    body: Mapped[str] = mapped_column(Text, comment="Scorecard")
    retired_at_ms: Mapped[UnixMs | None] = mapped_column(comment="null: it may be chosen for new reviews")


class QualitySessionRow(Base):
    __tablename__ = "quality_sessions"

    session_id: Mapped[str] = mapped_column(String(32), primary_key=True, comment="in hex")
    ended_at_ms: Mapped[UnixMs | None] = mapped_column(index=True, comment="null while it goes on")
    stamp: Mapped[str] = mapped_column(String(64), comment="what the recording's files looked like when it was read")
    sealed: Mapped[bytes] = mapped_column(LargeBinary, comment="SessionFacts, without `mystery`")


class PlanRow(Base):
    __tablename__ = "quality_plans"

    name: Mapped[str] = mapped_column(String(63), primary_key=True, comment="never used for another plan")
    body: Mapped[str] = mapped_column(Text, comment="SamplingPlan, with its seed")


class RunRow(Base):
    __tablename__ = "quality_runs"

    run_id: Mapped[str] = mapped_column(String(12), primary_key=True, comment="random")
    plan: Mapped[str] = mapped_column(ForeignKey("quality_plans.name"), index=True, comment="which was run")
    ran_at_ms: Mapped[UnixMs] = mapped_column(index=True, comment="when")
    body: Mapped[str] = mapped_column(Text, comment="SampleRun: the population of each stratum, and what was drawn")


class AssignmentRow(Base):
    __tablename__ = "quality_assignments"
    __table_args__ = (
        Index("ix_quality_assignments_reviewer_due_at_ms", "reviewer", "due_at_ms"),
        Index("ix_quality_assignments_run_id", "run_id", sqlite_where=text("run_id IS NOT NULL")),
        Index(
            "ix_quality_assignments_calibration_id", "calibration_id", sqlite_where=text("calibration_id IS NOT NULL")
        ),
    )

    assignment_id: Mapped[str] = mapped_column(String(12), primary_key=True, comment="random")
    session_id: Mapped[str] = mapped_column(String(32), index=True, comment="in hex")
    reviewer: Mapped[str] = mapped_column(String(200), comment="who is to review it")
    due_at_ms: Mapped[UnixMs] = mapped_column(index=True, comment="until when")
    body: Mapped[str] = mapped_column(Text, comment="Assignment")
    run_id: Mapped[str | None] = mapped_column(String(12), comment="the drawing that gave it out")
    calibration_id: Mapped[str | None] = mapped_column(String(12), comment="the same for both of one calibration")


class ReviewRow(Base):
    __tablename__ = "quality_reviews"

    assignment_id: Mapped[str] = mapped_column(
        ForeignKey("quality_assignments.assignment_id"), primary_key=True, comment="one review for each assignment"
    )
    submitted_at_ms: Mapped[UnixMs | None] = mapped_column(comment="null: a draft; once set, nothing changes any more")
    sealed: Mapped[bytes] = mapped_column(LargeBinary, comment="Review")


class DisputeRow(Base):
    __tablename__ = "quality_disputes"

    assignment_id: Mapped[str] = mapped_column(
        ForeignKey("quality_reviews.assignment_id"), primary_key=True, comment="one dispute for each review"
    )
    outcome: Mapped[str | None] = mapped_column(String(8), comment="null: not decided; once set, nothing changes")
    sealed: Mapped[bytes] = mapped_column(LargeBinary, comment="Dispute")


class MysteryRow(Base):
    __tablename__ = "quality_mystery_sessions"

    session_id: Mapped[str] = mapped_column(String(32), primary_key=True, comment="in hex; may not have happened yet")
    sealed: Mapped[bytes] = mapped_column(LargeBinary, comment="MysteryFlag")

"""Create the tables of Procrastinate's jobs, on PostgreSQL.

Jobs only wake workers. A later Procrastinate with other tables gets a revision that drops these and creates its own.
"""

from __future__ import annotations

from alembic import op

from web.waking import create_tables

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        create_tables(op.get_bind())


def downgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    op.execute(
        """
        DROP TABLE IF EXISTS procrastinate_events, procrastinate_periodic_defers, procrastinate_jobs, procrastinate_workers CASCADE;
        DO $$ DECLARE each text; BEGIN
          FOR each IN SELECT oid::regprocedure::text FROM pg_proc
            WHERE proname LIKE 'procrastinate\\_%' AND pronamespace = current_schema()::regnamespace
          LOOP EXECUTE 'DROP FUNCTION ' || each || ' CASCADE'; END LOOP;
          FOR each IN SELECT typname FROM pg_type
            WHERE typname LIKE 'procrastinate\\_%' AND typtype IN ('e', 'c') AND typnamespace = current_schema()::regnamespace
          LOOP EXECUTE 'DROP TYPE ' || quote_ident(each) || ' CASCADE'; END LOOP;
        END $$;
        """
    )

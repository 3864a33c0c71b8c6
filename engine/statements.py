"""Statements of the hot paths: compiled to SQL once, then run on the driver's own connection of the session's transaction.

SQLAlchemy builds them and knows the types; what it would do again at each execution is done once. Only what starts, completes, lists and
leases work goes this way: it costs a quarter of an execution through the session (docs/performance.md).
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from sqlalchemy import Delete, Dialect, Insert, Select, Table, Update, bindparam, insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.sql.compiler import SQLCompiler

Parameters: TypeAlias = Mapping[str, Any]
Convert: TypeAlias = Callable[[Any], Any]

DRIVER, CURSOR, DATABASE, DIALECT = "driver", "cursor", "database", "dialect"
"""Where a session keeps the driver's connection, a cursor on it, the address of its database and what that understands."""
SEPARATOR = " of "
MOST_PLACES = {"postgresql": 50, "sqlite": 200}
"""Parameters of one INSERT; what needs more takes several. The driver of PostgreSQL reads a longer statement anew each time."""


class Prepared:
    """A SELECT, UPDATE or DELETE with named parameters. Rows are named tuples with converted values."""

    def __init__(self, statement: Select[Any] | Update | Delete) -> None:
        self._statement = statement
        self._forms: dict[str, _Form] = {}

    def run(self, session: Session, **parameters: Any) -> int:
        """Execute it; how many rows it touched."""
        return int(self._execute(session, parameters).rowcount)

    def one(self, session: Session, **parameters: Any) -> Any:
        """The first row, or None."""
        row = self._execute(session, parameters).fetchone()
        return None if row is None else self._form(session).row(row)

    def all(self, session: Session, **parameters: Any) -> list[Any]:
        """All rows."""
        rows = self._execute(session, parameters).fetchall()
        form = self._form(session)
        return [form.row(row) for row in rows]

    def value(self, session: Session, **parameters: Any) -> Any:
        """The first column of the first row, or None."""
        row = self.one(session, **parameters)
        return None if row is None else row[0]

    def _execute(self, session: Session, parameters: Parameters) -> Any:
        form = self._form(session)
        return execute(session, form.sql, form.bind(parameters))

    def _form(self, session: Session) -> _Form:
        dialect = _dialect(session)
        found = self._forms.get(dialect.name)
        if found is None:
            found = self._forms[dialect.name] = _Form(self._statement, dialect)
        return found


class Glance:
    """What a prepared statement needs of a session, and nothing else: SQLAlchemy takes no part in it, and nothing is written."""

    def __init__(self, info: dict[Any, Any]) -> None:
        self.info = info


class PreparedInsert:
    """An INSERT of any number of rows of a table, all with the same columns."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._forms: dict[tuple[str, int, tuple[str, ...]], _Form] = {}

    def run(self, session: Session, rows: Iterable[Parameters]) -> None:
        """Insert the rows in their order."""
        waiting, most = list(rows), MOST_PLACES[_dialect(session).name]
        while waiting:
            number = max(1, most // len(waiting[0]))
            self._insert(session, waiting[:number])
            del waiting[:number]

    def _insert(self, session: Session, rows: Sequence[Parameters]) -> None:
        dialect, columns = _dialect(session), tuple(rows[0])
        key = (dialect.name, len(rows), columns)
        form = self._forms.get(key)
        if form is None:
            form = self._forms[key] = _Form(self._several(len(rows), columns), dialect)
        execute(session, form.sql, form.bind_rows(rows, len(columns)))

    def _several(self, count: int, columns: Sequence[str]) -> Insert:
        places = [
            {name: bindparam(f"{number}{SEPARATOR}{name}", type_=self._table.c[name].type) for name in columns}
            for number in range(count)
        ]
        return insert(self._table).values(places)


class _Form:
    """A statement in the words of one database."""

    def __init__(self, statement: Select[Any] | Update | Delete | Insert, dialect: Dialect) -> None:
        compiled = statement.compile(dialect=dialect)
        assert isinstance(compiled, SQLCompiler)  # noqa: S101  for the type checker
        self.sql = str(compiled)
        self._binds = [_bind(compiled, name, dialect) for name in compiled.positiontup or ()]
        self._columns = [(str(name).partition(SEPARATOR)[2], convert) for name, convert, _ in self._binds]
        columns = list(statement.selected_columns) if isinstance(statement, Select) else []
        row: Any = namedtuple("Row", [column.key for column in columns], rename=True)  # type: ignore[misc]  # known at run time
        self._make = row._make
        readers = [column.type.dialect_impl(dialect).result_processor(dialect, None) for column in columns]
        self._readers = [(index, reader) for index, reader in enumerate(readers) if reader is not None]

    def bind(self, parameters: Parameters) -> list[Any]:
        """The values of the parameters in the order of their places."""
        return [
            constant if name is None else parameters[name] if convert is None else convert(parameters[name])
            for name, convert, constant in self._binds
        ]

    def bind_rows(self, rows: Sequence[Parameters], width: int) -> list[Any]:
        """The values of rows in the order of their places: that of the first row's, again and again."""
        columns = self._columns[:width]
        return [convert(row[name]) if convert else row[name] for row in rows for name, convert in columns]

    def row(self, values: Sequence[Any]) -> Any:
        """A row of the driver as a named tuple."""
        if not self._readers:
            return self._make(values)
        converted = list(values)
        for index, reader in self._readers:
            converted[index] = reader(converted[index])
        return self._make(converted)


def _bind(compiled: SQLCompiler, name: str, dialect: Dialect) -> tuple[str | None, Convert | None, Any]:
    """A place of the statement: the parameter's name and how it is converted, or a constant."""
    parameter = compiled.binds[name]
    convert = parameter.type.dialect_impl(dialect).bind_processor(dialect)
    if parameter.required:
        return parameter.key, convert, None
    constant = parameter.effective_value
    return None, None, convert(constant) if convert else constant


def _dialect(session: Session) -> Dialect:
    return session.info.get(DIALECT) or session.get_bind().dialect


def execute(session: Session, sql: str, values: Sequence[Any] = ()) -> Any:
    """Run SQL on the driver's connection; its cursor. Raises DBAPIError, as SQLAlchemy does."""
    cursor: Any = session.info.get(CURSOR) or session.connection().connection.driver_connection.cursor()  # type: ignore[union-attr]
    with _as_sqlalchemy(session, sql):
        return cursor.execute(sql, values)


def commit(session: Session) -> None:
    """Commit a transaction in which only the driver took part."""
    with _as_sqlalchemy(session, "COMMIT"):
        session.info[DRIVER].commit()


def is_sqlite(session: Session) -> bool:
    """Whether the session works on SQLite, whose transactions write one at a time."""
    return _dialect(session).name == "sqlite"


def database(session: Session) -> str:
    """The address of the session's database, to keep things apart by."""
    return str(session.info.get(DATABASE) or session.get_bind().engine.url)


class _as_sqlalchemy:  # noqa: N801  used like a function
    """Errors of the driver as SQLAlchemy raises them. A class, since a generator costs more than what it surrounds."""

    __slots__ = ("session", "sql")

    def __init__(self, session: Session, sql: str) -> None:
        self.session, self.sql = session, sql

    def __enter__(self) -> None:
        """Nothing to prepare."""

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if error is None:
            return
        dialect = _dialect(self.session)
        if isinstance(error, dialect.loaded_dbapi.Error):
            raise as_sqlalchemy(self.sql, error, dialect) from error


def as_sqlalchemy(sql: str, error: BaseException, dialect: Dialect) -> BaseException:
    """The error of SQLAlchemy that stands for one of the driver."""
    return DBAPIError.instance(sql, None, error, dialect.loaded_dbapi.Error, dialect=dialect)

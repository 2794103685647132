"""Reading what was asked: queries and bodies as bytes and words become values, or the Problem that says what is wrong with them. Pure."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from console.problems import FieldProblem, Problem, find_field

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

T = TypeVar("T", bound=msgspec.Struct)

_WHOLE = re.compile(r"-?(0|[1-9]\d{0,17})")
_FLAGS = {"true": True, "false": False}
_LONGEST = 64
_EARLIEST, _LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
_KEY = re.compile(r"[A-Za-z0-9_.:-]{1,64}")


def read_query(given: Mapping[str, Sequence[str]], kind: type[T]) -> T:
    """Read a query string into what a route takes; Problem (422) names what does not fit. A name that may stand once stands once."""
    plain = {name: _plain(name, values, kind) for name, values in given.items()}
    try:
        return _refuse_nul(msgspec.convert(plain, kind), "query")
    except msgspec.ValidationError as error:
        raise Problem(422, "invalid", fields=(find_field(error, "query"),)) from error


def read_body(content: bytes, kind: type[T]) -> T:
    """Read a JSON body; Problem 400 if it is no JSON, 422 if it does not fit."""
    try:
        return _refuse_nul(msgspec.json.decode(content, type=kind), "body")
    except msgspec.ValidationError as error:
        raise Problem(422, "invalid", fields=(find_field(error, "body"),)) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Problem(400, "malformed") from error


def read_path(path: Mapping[str, str]) -> Mapping[str, str]:
    """Check what stands in a path; Problem (422) for what no code can be."""
    for name, value in path.items():
        if "\0" in value or not 0 < len(value) <= _LONGEST:
            raise Problem(
                422, "invalid", fields=(FieldProblem(where=f"path.{name}", expected=f"Expected 1 to {_LONGEST} characters"),)
            )
    return path


def read_key(value: str | None) -> str:
    """Check an Idempotency-Key; "" without one, Problem (422) if it can be none: an empty one would let a repeated call act twice."""
    if value is None:
        return ""
    if not _KEY.fullmatch(value):
        raise Problem(422, "invalid", fields=(FieldProblem(where="header.Idempotency-Key", expected=f"Expected {_KEY.pattern}"),))
    return value


def _plain(name: str, values: Sequence[str], kind: type[msgspec.Struct]) -> Any:
    """Read the words of a query as what the field wants: numbers and flags are written as in JSON, lists by naming them again."""
    declared = next((field for field in msgspec.structs.fields(kind) if field.encode_name == name), None)
    default = (
        declared.default_factory()
        if declared is not None and callable(declared.default_factory)
        else getattr(declared, "default", None)
    )
    if isinstance(default, list):
        return list(values)
    if len(values) > 1:
        raise Problem(422, "invalid", fields=(FieldProblem(where=f"query.{name}", expected="Expected it once"),))
    value = values[0]
    if isinstance(default, bool):
        return _FLAGS.get(value, value)
    return int(value) if isinstance(default, int) and _WHOLE.fullmatch(value) else value


def _refuse_nul(value: T, part: str) -> T:
    """Refuse the character that no database keeps in a text, and moments that no calendar has."""
    for name, each in msgspec.structs.asdict(value).items():
        words = each if isinstance(each, list) else [each]
        if any(isinstance(word, str) and "\0" in word for word in words):
            raise Problem(422, "invalid", fields=(FieldProblem(where=f"{part}.{name}", expected="Expected no NUL character"),))
        if isinstance(each, datetime) and not _EARLIEST < each.astimezone(UTC) < _LATEST:
            raise Problem(422, "invalid", fields=(FieldProblem(where=f"{part}.{name}", expected="Expected a year from 2000 on"),))
    return value

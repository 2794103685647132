"""The OpenAPI 3.1 document, made of the routes: what is not declared there is not served, and what is served is written here. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import msgspec

from console.problems import MEDIA_TYPE, ProblemBody
from console.routes import PREFIX

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from console.routes import Route

_VARIABLE = re.compile(r"{(\w+)}")
_TEMPLATE = "#/components/schemas/{name}"
_JSON = "application/json"
_BEARER = "token"

Json = dict[str, Any]


def build(routes: Iterable[Route], *, say: Callable[[str], str], version: str) -> Json:
    """Build the document of some routes; `say` gives its texts by key."""
    listed = tuple(routes)
    types: set[type[msgspec.Struct]] = {
        ProblemBody,
        *(route.answer for route in listed),
        *(route.body for route in listed if route.body),
    }
    ordered = sorted(types, key=lambda each: each.__name__)
    _, schemas = msgspec.json.schema_components(ordered, ref_template=_TEMPLATE)
    paths: dict[str, Json] = {}
    for route in listed:
        paths.setdefault(PREFIX + route.path, {})[route.method.lower()] = _describe(route, say=say)
    return {
        "openapi": "3.1.0",
        "info": {"title": say("title"), "version": version, "description": say("description")},
        "servers": [{"url": "/"}],
        "tags": [{"name": tag, "description": say(f"tag_{tag}")} for tag in dict.fromkeys(route.tag for route in listed)],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {_BEARER: {"type": "http", "scheme": "bearer", "description": say("bearer")}},
        },
    }


def list_parameters(query: type[msgspec.Struct]) -> Iterator[tuple[str, Json]]:
    """List what may be asked in a query, with its schema."""
    _, components = msgspec.json.schema_components([query], ref_template=_TEMPLATE)
    properties: Json = components[query.__name__]["properties"]
    for name, schema in properties.items():
        yield name, _inline(schema, components)


def _inline(schema: Json, components: Json) -> Json:
    """Put in place what a schema refers to, and take null out: a parameter is there or not."""
    if "$ref" in schema:
        return _inline(components[schema["$ref"].rpartition("/")[2]], components)
    if "anyOf" in schema:
        others = [one for one in schema["anyOf"] if one.get("type") != "null"]
        if len(others) == 1:
            return _inline(others[0], components)
    if "items" in schema:
        return {**schema, "items": _inline(schema["items"], components)}
    return schema


def _describe(route: Route, *, say: Callable[[str], str]) -> Json:
    parameters = [*_path_parameters(route, say), *_query_parameters(route), *_headers(route, say)]
    operation: Json = {
        "operationId": route.name,
        "summary": say(route.words),
        "tags": [route.tag],
        "security": [] if route.open else [{_BEARER: []}],
        "responses": {str(status): _response(route, status, say=say) for status in route.statuses()},
    }
    if parameters:
        operation["parameters"] = parameters
    if route.body is not None:
        operation["requestBody"] = {"required": True, "content": {_JSON: {"schema": _ref(route.body)}}}
    return operation


def _ref(kind: type[msgspec.Struct]) -> Json:
    return {"$ref": _TEMPLATE.format(name=kind.__name__)}


def _path_parameters(route: Route, say: Callable[[str], str]) -> Iterator[Json]:
    for name in _VARIABLE.findall(route.path):
        schema = {"type": "string", "minLength": 1, "maxLength": 64, "pattern": "^[^/\\x00]+$"}
        yield {"name": name, "in": "path", "required": True, "description": say(f"path_{name}"), "schema": schema}


def _query_parameters(route: Route) -> Iterator[Json]:
    if route.query is None:
        return
    for name, schema in list_parameters(route.query):
        parameter: Json = {"name": name, "in": "query", "required": False, "schema": schema}
        if schema.get("type") == "array":
            parameter |= {"style": "form", "explode": True}
        yield parameter


def _headers(route: Route, say: Callable[[str], str]) -> Iterator[Json]:
    if route.guarded:
        schema: Json = {"type": "string", "minLength": 1, "maxLength": 64}
        yield {"name": "If-Match", "in": "header", "required": True, "description": say("if_match"), "schema": schema}
    if route.keyed:
        schema = {"type": "string", "pattern": "^[A-Za-z0-9_.:-]{1,64}$"}
        yield {
            "name": "Idempotency-Key",
            "in": "header",
            "required": False,
            "description": say("idempotency_key"),
            "schema": schema,
        }


def _response(route: Route, status: int, *, say: Callable[[str], str]) -> Json:
    if status != route.status:
        answer: Json = {"description": say(f"title_{status}"), "content": {MEDIA_TYPE: {"schema": _ref(ProblemBody)}}}
        if status in {429, 503}:
            answer["headers"] = {"Retry-After": {"schema": {"type": "integer", "minimum": 1}, "required": True}}
        if status == 401:  # noqa: PLR2004 - the status that asks for a token
            answer["headers"] = {"WWW-Authenticate": {"schema": {"type": "string"}, "required": True}}
        return answer
    answer = {"description": say(f"title_{status}"), "content": {_JSON: {"schema": _ref(route.answer)}}}
    if route.etag:
        answer["headers"] = {"ETag": {"description": say("etag"), "schema": {"type": "string"}, "required": False}}
    return answer

"""Addresses of the API, and its description at ``/api/v1/openapi.json``."""

from __future__ import annotations

from typing import Any

from django.urls import URLPattern, URLResolver
from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema

from passerelle import __version__
from passerelle.api import events, jobs, plans
from passerelle.api.auth import Session, Token
from passerelle.api.problems import add_handlers
from passerelle.api.values import ProblemOut

__all__ = ["api", "app_name", "urlpatterns"]

app_name = "api"

_ERRORS = {
    401: "Nobody signed in, no good token",
    403: "Not permitted",
    404: "Unknown",
    409: "Refused by a rule",
    422: "Wrong input",
    503: "Not available now",
}


class _Api(NinjaAPI):
    """Describe the errors of every operation, which are the same everywhere."""

    def get_openapi_schema(
        self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None
    ) -> OpenAPISchema:
        schema = super().get_openapi_schema(path_prefix=path_prefix, path_params=path_params)
        schema["components"]["schemas"]["ProblemOut"] = ProblemOut.model_json_schema()
        reference = {"$ref": "#/components/schemas/ProblemOut"}
        content = {"application/problem+json": {"schema": reference}}
        for operations in schema["paths"].values():
            for operation in operations.values():
                for status, words in _ERRORS.items():
                    operation["responses"][status] = {"description": words, "content": content}
        return schema


api = _Api(
    title="Passerelle",
    version=__version__,
    description="Events, need, plans and jobs of one node. Errors are problems (RFC 9457).",
    auth=[Token(), Session()],
    docs_url=None,
    urls_namespace="api",
)
add_handlers(api)
api.add_router("/events", events.router)
api.add_router("", plans.router)
api.add_router("/jobs", jobs.router)

urlpatterns: list[URLPattern | URLResolver] = api.urls[0]
for _pattern in urlpatterns:
    # Operations answer 401 themselves instead of sending programs to the sign-in page.
    if isinstance(_pattern, URLPattern) and _pattern.name != "openapi-json":
        vars(_pattern.callback)["login_required"] = False

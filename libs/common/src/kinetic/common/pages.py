"""A service's OpenAPI document, and a page to read and try it. Open to everybody, so off unless the settings say otherwise."""

from __future__ import annotations

from importlib.resources import files
from typing import Final

from fastapi import FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse, JSONResponse
from fastapi.staticfiles import StaticFiles

DOCUMENT: Final = "/openapi.json"
PAGE: Final = "/docs"
_ASSETS: Final = "/docs/assets"


def open_pages(app: FastAPI) -> None:
    """Serve `/openapi.json` and `/docs`. Everything the page loads comes from here, nothing from a third party."""

    async def read_document() -> JSONResponse:
        return JSONResponse(app.openapi())

    async def read_page() -> HTMLResponse:
        return get_swagger_ui_html(
            openapi_url=DOCUMENT,
            title=app.title,
            swagger_js_url=f"{_ASSETS}/swagger-ui-bundle.js",
            swagger_css_url=f"{_ASSETS}/swagger-ui.css",
            swagger_favicon_url=f"{_ASSETS}/favicon.png",
            swagger_ui_parameters={"persistAuthorization": True},
        )

    app.mount(_ASSETS, StaticFiles(directory=str(files("fastapi_offline") / "static")))
    app.add_api_route(DOCUMENT, read_document, include_in_schema=False)
    app.add_api_route(PAGE, read_page, include_in_schema=False)

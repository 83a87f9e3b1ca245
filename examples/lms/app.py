"""The platform's own HTTP doors, for those who want to look at it. They are read-only and meant for one machine."""

from __future__ import annotations

import time
from dataclasses import asdict
from typing import Any

from fastapi import FastAPI, HTTPException

from examples.lms.offers import Offers
from examples.lms.store import Store


def create_app(store: Store, offers: Offers) -> FastAPI:
    """The doors over a store and what the platform offers."""
    app = FastAPI(title="Example learning platform", description=__doc__)

    @app.get("/livez")
    async def live() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/catalogue")
    async def list_courses() -> list[dict[str, Any]]:
        return [asdict(course) for course in offers.courses.values()]

    @app.get("/learners/{learner_id}")
    async def show_learner(learner_id: str) -> dict[str, Any]:
        learner = offers.learners.get(learner_id)
        if learner is None:
            raise HTTPException(404, f"No account {learner_id!r}.")
        return {**asdict(learner), "enrolments": store.enrolments(time.time(), learner_id)}

    @app.get("/enrolments")
    async def list_enrolments() -> list[dict[str, Any]]:
        return store.enrolments(time.time())

    return app

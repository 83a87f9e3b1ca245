"""The ids of Kinetic's own objects. Each is a UUIDv7 in text form, made by the service that owns the object."""

from __future__ import annotations

from typing import NewType

EventId = NewType("EventId", str)
TeamId = NewType("TeamId", str)
PersonId = NewType("PersonId", str)
ContentId = NewType("ContentId", str)
GapId = NewType("GapId", str)
NudgeId = NewType("NudgeId", str)
NoticeId = NewType("NoticeId", str)
AssignmentId = NewType("AssignmentId", str)
IntegrationId = NewType("IntegrationId", str)
ReviewId = NewType("ReviewId", str)

CompetencyKey = NewType("CompetencyKey", str)
"""Chosen by the editors of the capability map, e.g. ``incident-response``."""

KpiKey = NewType("KpiKey", str)
RoleKey = NewType("RoleKey", str)

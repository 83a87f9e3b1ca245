"""The policies that can be judged, by name. A policy that decides as Kinetic does is added here, and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping

from tools.simulation.kinetic_policy import KineticPolicy
from tools.simulator.baselines import AlertOnThreshold, NudgeEverything
from tools.simulator.policy import PolicyOf

BASELINES: Mapping[str, PolicyOf] = {"alert_on_threshold": AlertOnThreshold, "nudge_everything": NudgeEverything}
POLICIES: Mapping[str, PolicyOf] = {"kinetic": KineticPolicy, **BASELINES}

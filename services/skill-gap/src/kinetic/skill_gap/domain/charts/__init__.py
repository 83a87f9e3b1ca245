"""Control charts of a KPI of a team: is it slipping, since when, by how much, and how sure is that?"""

from kinetic.skill_gap.domain.charts.alarm import Alarm
from kinetic.skill_gap.domain.charts.chart import Chart, observe
from kinetic.skill_gap.domain.charts.design import ChartDesign, ChartKind, Reading
from kinetic.skill_gap.domain.charts.kept import from_json, to_json

__all__ = ["Alarm", "Chart", "ChartDesign", "ChartKind", "Reading", "from_json", "observe", "to_json"]

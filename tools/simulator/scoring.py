"""What the moves of a policy are worth, held against the truth. The rules are in the README beside this file."""

from __future__ import annotations

from collections.abc import Sequence

from tools.simulator.calendar import working_days_before
from tools.simulator.ledger import Ledger, Opening
from tools.simulator.policy import Nudge
from tools.simulator.tally import Tally
from tools.simulator.truth import Cause, Episode, Truth

GRACE_DAYS = 14
"""An opening up to two weeks after an episode has ended still counts as about it."""

UNKNOWN_YET = "too_few_data"
"""The reason for ruling out by which a policy says that it cannot tell yet."""
HISTORY_DAYS = 56
LASTING_WORKING_DAYS = 20
STRONG_SIGMA = 1.5
ONE_SIGMA = 1.0
PREVENTED_SIGMA = 0.5
"""An episode is none when people had learned so much before that less than this shift came of it."""

IMPORTANT_FIRST = (
    Cause.STAFFING,
    Cause.TOOLING,
    Cause.INCIDENTS,
    Cause.REORGANISATION,
    Cause.SEASON,
    Cause.OUTAGE,
    Cause.NONE,
)


def score(ledger: Ledger, truth: Truth, went: Sequence[Episode]) -> Tally:
    """The tally of one company: `went` are the episodes of the truth with the days on which learning ended them."""
    tally = Tally(companies=1, team_days=ledger.team_days, manager_days=ledger.manager_days)
    desk = _Desk(ledger, truth, went, tally)
    desk.openings()
    desk.episodes()
    desk.rulings()
    desk.nudges()
    if not truth.episodes:
        tally.null_companies, tally.null_team_days = 1, ledger.team_days
        tally.null_false = tally.opened["false"]
    return tally


class _Desk:
    def __init__(self, ledger: Ledger, truth: Truth, went: Sequence[Episode], tally: Tally) -> None:
        self._ledger, self._truth, self._went, self._tally = ledger, truth, went, tally
        self._of_pair: dict[tuple[str, str], list[tuple[int, Episode]]] = {}
        for number, episode in enumerate(went):
            self._of_pair.setdefault((episode.team_id, episode.competency), []).append((number, episode))
        self._found: dict[int, int] = {}

    def openings(self) -> None:
        """Each is true, a repetition of a true one, or false."""
        for opening in self._ledger.openings:
            number = self._skill_behind(opening)
            if number is None:
                self._tally.opened["false"] += 1
                self._tally.false_by_cause[self._cause(opening.team_id, opening.competency, opening.day)] += 1
            elif number in self._found:
                self._tally.opened["repeated"] += 1
            else:
                self._found[number] = opening.day
                self._tally.opened["true"] += 1

    def _skill_behind(self, opening: Opening) -> int | None:
        for number, episode in self._of_pair.get((opening.team_id, opening.competency), ()):
            if episode.cause is Cause.SKILL and episode.first <= opening.day <= episode.last + GRACE_DAYS:
                return number
        return None

    def _cause(self, team_id: str, competency: str, day: int) -> str:
        causes = {e.cause for _, e in self._of_pair.get((team_id, competency), ()) if e.first <= day <= e.last}
        if Cause.SKILL in causes:
            return Cause.SKILL
        return next((str(cause) for cause in IMPORTANT_FIRST if cause in causes), "nothing")

    def episodes(self) -> None:
        """Which skill episodes were found, and how late."""
        for number, episode in enumerate(self._truth.episodes):
            if episode.cause is not Cause.SKILL:
                continue
            went = self._went[number]
            excluded = self._excluded(episode, went)
            stands = number not in self._found and self._stands(episode)
            found = "already_open" if stands else "found" if number in self._found else "missed"
            self._tally.episodes[excluded or found] += 1
            if not excluded and not stands:
                self._note_delay(went, self._found.get(number))

    def _stands(self, episode: Episode) -> bool:
        """Whether a gap about the pair was open, for no good reason, when the episode began."""
        return any(
            (opening.team_id, opening.competency) == (episode.team_id, episode.competency)
            and opening.day < episode.first
            and (opening.closed is None or opening.closed > episode.first)
            for opening in self._ledger.openings
        )

    def _excluded(self, episode: Episode, went: Episode) -> str | None:
        if went.shift_sigma < PREVENTED_SIGMA and episode.shift_sigma > went.shift_sigma:
            return "excluded_prevented"
        if not episode.kpis and not episode.corroborated:
            return "excluded_unseen"
        if episode.first < HISTORY_DAYS:
            return "excluded_history"
        last = min(episode.last, self._ledger.company.days - 1)
        lasted = working_days_before(last + 1) - working_days_before(episode.first)
        return "excluded_short" if lasted < LASTING_WORKING_DAYS else None

    def _note_delay(self, episode: Episode, found: int | None) -> None:
        begun = working_days_before(episode.first) + episode.ramp // 2
        delay = None if found is None else max(0, working_days_before(found) - begun)
        self._tally.delays.append(delay)
        if episode.shift_sigma >= STRONG_SIGMA:
            self._tally.delays_strong.append(delay)
        elif episode.shift_sigma >= ONE_SIGMA and episode.corroborated:
            self._tally.delays_corroborated.append(delay)

    def rulings(self) -> None:
        """A case is rightly ruled out when no skill is missing on that day."""
        explained: set[int] = set()
        for ruling in self._ledger.rulings:
            cause = self._cause(ruling.team_id, ruling.competency, ruling.day)
            side = "wrong" if cause == Cause.SKILL else "right"
            self._tally.ruled_out[side] += 1
            self._tally.ruled_out_explained[side] += ruling.reason != UNKNOWN_YET
            self._tally.ruled_out_by[f"{cause} as {ruling.reason}"] += 1
            for number, episode in self._of_pair.get((ruling.team_id, ruling.competency), ()):
                if episode.cause is not Cause.SKILL and episode.first <= ruling.day <= episode.last:
                    explained.add(number)
        for number, episode in enumerate(self._truth.episodes):
            if episode.cause is not Cause.SKILL:
                self._tally.explained[f"{episode.cause} {'ruled out' if number in explained else 'passed over'}"] += 1

    def nudges(self) -> None:
        """What managers did, what was breached, and how much better content there was."""
        for index, nudge in self._ledger.nudges:
            answer = self._ledger.answers.get(nudge.nudge_id)
            self._tally.answers[answer.answer if answer else "unanswered"] += 1
            self._regret(index, nudge)
        self._tally.breaches.update({str(name): count for name, count in self._ledger.watch.breaches.items()})
        self._tally.most_in_a_week = max(self._ledger.watch.by_week.values(), default=0)

    def _regret(self, index: int, nudge: Nudge) -> None:
        company = self._ledger.company
        gains = {
            content.content_id: self._truth.gain(content.content_id, nudge.competency)
            for content in company.catalogue
            if content.level_of(nudge.competency) and not content.retired and content.language == company.language
        }
        best = max(gains.values(), default=0.0)
        if best <= 0:
            return
        regret = (best - gains.get(nudge.content_id, 0.0)) / best
        self._tally.regrets += regret
        self._tally.choices += 1
        if self._cause(nudge.team_id, nudge.competency, index) == Cause.SKILL:
            self._tally.regrets_of_gaps += regret
            self._tally.choices_of_gaps += 1

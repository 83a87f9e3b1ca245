"""The recursions of the charts against examples that others have published."""

from collections.abc import Iterator, Sequence
from math import sqrt

import pytest

from kinetic.skill_gap.domain.charts.cusum import accumulate, log_likelihood_ratio
from kinetic.skill_gap.domain.charts.ewma import limits, smooth
from tests.support.published_series import NIST_EWMA, NIST_EWMA_SMOOTHED, PISTON_RINGS, VISCOSITY


def smoothed(values: Sequence[float], start: float, weight: float) -> Iterator[float]:
    average = start
    for value in values:
        average = smooth(average, value, weight)
        yield average


def summed(scores: Sequence[float], reference: float) -> Iterator[float]:
    total = 0.0
    for score in scores:
        total = accumulate(total, score, reference)
        yield total


def test_the_ewma_of_the_nist_handbook() -> None:
    averages = list(smoothed(NIST_EWMA, 50.0, 0.3))

    assert [round(average, 2) for average in averages] == list(NIST_EWMA_SMOOTHED)


def test_the_limits_of_the_nist_handbook() -> None:
    """The page has 52.5884 and 47.4115, computed with the root of λ/(2-λ) rounded to 0.4201; unrounded it is 0.42008."""
    lower, upper = limits(50.0, 2.0539, 0.3, 3.0)

    assert (upper, lower) == pytest.approx((52.5884, 47.4115), abs=2e-4)
    assert all(lower < average < upper for average in smoothed(NIST_EWMA, 50.0, 0.3))


@pytest.mark.parametrize(
    ("readings", "width", "lower", "upper"),
    [
        (1, 3.0, 73.99855, 74.00380),
        (2, 3.0, 73.99781, 74.00454),
        (25, 3.0, 73.99680, 74.00555),
        (1, 2.7, 73.99881, 74.00354),
        (2, 2.7, 73.99815, 74.00420),
        (40, 2.7, 73.99724, 74.00511),
    ],
)
def test_the_ewma_limits_of_the_piston_rings(readings: int, width: float, lower: float, upper: float) -> None:
    """The reference page `ewma` of qcc 3.0: λ = 0.2, samples of five, centre and σ as printed there."""
    assert limits(74.00118, 0.009785039 / sqrt(5), 0.2, width, readings) == pytest.approx((lower, upper), abs=1e-5)


def test_the_ewma_of_the_viscosity_leaves_its_limits_at_the_last_batch_alone() -> None:
    """The same page: λ = 0.2, L = 2.7, of 35 batches one is beyond the limits."""
    lower, upper = limits(34.088, 0.5076521, 0.2, 2.7, 1)
    assert (lower, upper) == pytest.approx((33.81387, 34.36213), abs=1e-5)
    assert limits(34.088, 0.5076521, 0.2, 2.7, 35) == pytest.approx((33.63111, 34.54489), abs=1e-5)

    beyond = [
        batch
        for batch, average in enumerate(smoothed(VISCOSITY, 34.088, 0.2), start=1)
        if not limits(34.088, 0.5076521, 0.2, 2.7, batch)[0] <= average <= limits(34.088, 0.5076521, 0.2, 2.7, batch)[1]
    ]
    assert beyond == [35]


def test_the_cusum_of_the_piston_rings_signals_from_sample_37_on() -> None:
    """The reference page `cusum` of qcc 3.0: a shift of one standard error, none of 25 beyond 4, 4 of 40 beyond 5."""
    scores = [(mean - 74.00118) / (0.009785039 / sqrt(5)) for mean in PISTON_RINGS]
    above, below = list(summed(scores, 0.5)), list(summed([-score for score in scores], 0.5))

    assert max(*above[:25], *below[:25]) < 4.0
    assert [sample for sample, total in enumerate(above, start=1) if total > 5.0] == [37, 38, 39, 40]
    assert max(below) < 5.0


def test_the_cusum_of_qccs_own_tests() -> None:
    """Figures of tests/testthat/test-cusum.R of qcc 3.0."""
    scores = [1.5, 0.5, 0.6, -1.5, -0.5, -0.8]

    assert list(summed(scores, 0.5)) == pytest.approx([1.0, 1.0, 1.1, 0.0, 0.0, 0.0])
    assert list(summed([-score for score in scores], 0.5)) == pytest.approx([0.0, 0.0, 0.0, 1.0, 1.0, 1.3])
    grouped = [0.0, 0.0, (14 - 10) / (2 / sqrt(2)), (16 - 10) / (2 / sqrt(3))]
    assert list(summed(grouped, 0.5)) == pytest.approx([0.0, 0.0, 2.32842712474619, 7.02457954745282])


def test_the_cusum_in_nats_is_the_log_likelihood_ratio_since_the_most_likely_start() -> None:
    """Of a shift of normal scores by 1.5, gone through by brute force."""
    scores = [0.3, 2.0, -1.0, 1.7, 0.9, 2.2, -0.4, 1.1]
    total = list(summed(scores, 0.75))[-1]

    since = [sum(1.5 * (z - 0.75) for z in scores[start:]) for start in range(len(scores) + 1)]
    assert log_likelihood_ratio(total, 0.75) == pytest.approx(max(since))

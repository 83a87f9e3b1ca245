"""Series with published charts. They are measurements, hence facts; where each was read stands beside it."""

NIST_EWMA = (
    52.0, 47.0, 53.0, 49.3, 50.1, 47.0, 51.0, 50.1, 51.2, 50.5,
    49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1,
)  # fmt: skip
"""NIST/SEMATECH e-Handbook of Statistical Methods, 6.3.2.4 (a work of the US government, public domain)."""

NIST_EWMA_SMOOTHED = (
    50.60, 49.52, 50.56, 50.18, 50.16, 49.21, 49.75, 49.85, 50.26, 50.33,
    50.11, 49.36, 49.52, 50.05, 49.38, 49.92, 50.73, 51.23, 51.94, 51.99,
)  # fmt: skip
"""The same page: λ = 0.3, starting at 50."""

PISTON_RINGS = (
    74.0102, 74.0006, 74.0080, 74.0030, 74.0034, 73.9956, 74.0000, 73.9968, 74.0042, 73.9980,
    73.9942, 74.0014, 73.9984, 73.9902, 74.0060, 73.9966, 74.0008, 74.0074, 73.9982, 74.0092,
    73.9998, 74.0016, 74.0024, 74.0052, 73.9982, 74.0086, 74.0022, 73.9922, 74.0036, 73.9974,
    74.0072, 74.0056, 73.9978, 74.0112, 74.0126, 74.0040, 74.0166, 74.0196, 74.0234, 74.0128,
)  # fmt: skip
"""Means of 40 samples of five diameters: Montgomery, Introduction to Statistical Quality Control (2nd ed. 1991,
pp. 206-213), as in the data set `pistonrings` of the R package qcc 3.0 (package: GPL >= 2; nothing else is taken from it)."""

VISCOSITY = (
    34.05, 34.40, 33.59, 35.96, 34.70, 33.51, 33.79, 34.04, 34.52, 33.75, 33.27, 33.71, 34.03, 34.58, 34.02,
    33.97, 34.05, 34.04, 33.73, 34.05, 34.39, 33.75, 33.40, 33.27, 34.65, 34.80, 34.55, 35.40, 34.75, 34.50,
    34.70, 34.29, 34.61, 34.49, 35.03,
)  # fmt: skip
"""Viscosity of 35 batches: the data set `viscosity` of the R package qcc 3.0, after Montgomery."""

NILE = (
    1120, 1160, 963, 1210, 1160, 1160, 813, 1230, 1370, 1140, 995, 935, 1110, 994, 1020, 960, 1180, 799, 958, 1140,
    1100, 1210, 1150, 1250, 1260, 1220, 1030, 1100, 774, 840, 874, 694, 940, 833, 701, 916, 692, 1020, 1050, 969,
    831, 726, 456, 824, 702, 1120, 1100, 832, 764, 821, 768, 845, 864, 862, 698, 845, 744, 796, 1040, 759,
    781, 865, 845, 944, 984, 897, 822, 1010, 771, 676, 649, 846, 812, 742, 801, 1040, 860, 874, 848, 890,
    744, 749, 838, 1050, 918, 986, 797, 923, 975, 815, 1020, 906, 901, 1170, 912, 746, 919, 718, 714, 740,
)  # fmt: skip
"""Annual flow of the Nile at Aswan, 1871-1970, in 10^8 m³: Cobb, The problem of the Nile, Biometrika 65(2), 1978, table 1
(public domain according to statsmodels, which carries it too)."""

"""A fuzzer for what reads the texts of strangers: samples are changed at random until a reader does what it must not.

`targets` says what is read and what must hold, `corpus` with which samples it begins, `mutating` how they are changed, and
`running` what counts as a finding. A finding is written to a file that reads again by itself.
"""

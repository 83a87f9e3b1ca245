"""`kinetic doctor`: what is wrong with a running installation, and what to do about it.

`gathering` asks Kafka, Postgres, the services and the issuer; `judgements` are pure and say what the answers mean;
`examination` is the only wiring.
"""

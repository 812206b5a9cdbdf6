"""Hold the checks by theme; the order in which they run is `routing.verdict.TABLE`.

A check is a function `(message, rules, facts) -> Finding | None`: None when the message passes,
else one sentence in each language with what was seen and what is allowed. It changes
nothing (but for the throughput check, which takes its tokens) and it looks at its own rule only:
where another check has something to say, this one passes.
"""

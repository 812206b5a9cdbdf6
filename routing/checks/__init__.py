"""Hold the checks by theme; the order in which they run is `routing.verdict.TABLE`.

A check is a function `(submission, rules, facts) -> str | None`: None when the submission passes,
else one sentence for the developer that says what was seen and what is allowed. It changes
nothing (but for the throughput check, which takes its tokens) and it looks at its own rule only:
where another check has something to say, this one passes.
"""

"""Keep the journal: the append-only, hash-chained record that everything else is a fold of."""

"""Keep the archive: the tables that queries need, built from the journal and never before it."""

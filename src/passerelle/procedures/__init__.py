"""What may be asked, answered, by whom, by when. Definitions as data, one engine, guards."""

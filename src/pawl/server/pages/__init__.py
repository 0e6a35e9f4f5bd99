"""One file a page: what the address asks, which view model answers, which template shows it."""

"""Where a repository, a team or an organisation stands on a maturity model, proved by evidence."""

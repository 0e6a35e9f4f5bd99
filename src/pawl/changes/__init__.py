"""May this ship: manifests, risk, approvals, gates, rollout and rollback of changes."""

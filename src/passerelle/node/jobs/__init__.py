"""Long work with progress, leases and cancellation."""

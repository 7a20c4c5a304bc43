"""What every layer shares: records, protocols, geometry, units, errors."""

"""What runs on a vehicle: decoding, the one preprocessing, networks, the ring buffer. No torch."""
